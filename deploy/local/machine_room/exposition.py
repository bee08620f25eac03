"""Prometheus text format, the little of it that the exporters need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Sample = tuple[Mapping[str, str], float]


def label_text(labels: Mapping[str, str]) -> str:
    """Renders labels in braces; empty ones are left out, as Prometheus sees no difference."""
    pairs = (f'{name}="{_escaped(value)}"' for name, value in labels.items() if value)
    return "{" + ",".join(pairs) + "}"


def family(name: str, kind: str, text: str, samples: Iterable[Sample]) -> str:
    """Renders a family of gauges or counters; ``name`` is the series' name, with its suffix."""
    lines = [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
    lines += [f"{name}{label_text(labels)} {number(value)}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """Renders a value without digits that say nothing."""
    return str(int(value)) if float(value).is_integer() else f"{value:.6g}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
