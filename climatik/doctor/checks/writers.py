"""Others that set power limits where our agents do."""

from __future__ import annotations

from collections.abc import Iterator

from climatik.doctor.facts import Facts, Row
from climatik.doctor.finding import Finding, some
from climatik.doctor.questions import OURS, RIVAL_AGENTS, RIVAL_LABELS

_NAMES = {"dynamo": "NVIDIA Dynamo's power agent", "joulie": "Joulie", "power_": "a power manager"}


def two_writers(facts: Facts) -> Iterator[Finding]:
    """Series of other agents, and labels, annotations and resources (kube-state-metrics) that they go by."""
    rivals = sorted({_name(row) for row in (*facts.rows(RIVAL_AGENTS), *facts.rows(RIVAL_LABELS))})
    if rivals and facts.rows(OURS):
        yield Finding(
            "two-writers",
            "error",
            f"other writers of power limits beside our agents: {some(rivals)}",
            "let one of them alone write: remove the other, or keep our agents off its nodes; what"
            " bears its mark is left alone",
        )


def _name(row: Row) -> str:
    text = " ".join(f"{key} {value}" for key, value in row.labels.items())
    who = next((name for mark, name in _NAMES.items() if mark in text), "unknown")
    where = row.labels.get("node") or row.labels.get("pod") or row.labels.get("instance", "")
    return f"{who} ({where})"
