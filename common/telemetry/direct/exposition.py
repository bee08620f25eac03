"""The text format of metrics, of which only a few series are wanted: the other lines cost next to nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from common.telemetry.columns import Labels

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|(?=\}))')
_ESCAPE = re.compile(r"\\(.)")
_MEANT: Mapping[str, str] = {"n": "\n", "\\": "\\", '"': '"'}
_SECONDS_PER_MILLISECOND = 1e-3


@dataclass(frozen=True)
class PageSample:
    """One line of a page.

    Attributes:
        name: Of the series.
        labels: Without the name.
        value: As it is written; may be NaN.
        stamp: Unix seconds, where the exporter stamps its samples itself; else None.
    """

    name: str
    labels: Labels
    value: float
    stamp: float | None = None


def parse_page(text: str, wanted: Collection[str]) -> Iterator[PageSample]:
    """Yields the samples of some series; a line that cannot be read is passed over, as if it were missing."""
    for line in text.split("\n"):  # not splitlines(): labels may hold what that takes for an end of line
        found = _NAME.match(line)
        if found is not None and found.group() in wanted:
            sample = _read(found.group(), line[found.end() :])
            if sample is not None:
                yield sample


def _read(name: str, rest: str) -> PageSample | None:
    labels: dict[str, str] = {}
    rest = rest.lstrip()
    if rest.startswith("{"):
        position = 1
        while (label := _LABEL.match(rest, position)) is not None:
            labels[label.group(1)] = _plain(label.group(2))
            position = label.end()
        rest = rest[position:].lstrip()
        if not rest.startswith("}"):
            return None
        rest = rest[1:]
    return _with_value(name, labels, rest.split())


def _with_value(name: str, labels: Labels, words: list[str]) -> PageSample | None:
    try:
        value = float(words[0])
        stamp = float(words[1]) * _SECONDS_PER_MILLISECOND if len(words) > 1 and words[1] != "#" else None
    except (IndexError, ValueError):
        return None
    return PageSample(name, labels, value, stamp)


def _plain(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _MEANT.get(found.group(1), found.group()), text)
