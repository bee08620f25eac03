"""What was learned of the rest of the node, so that the next agent does not begin anew.

It is about one boot and one set of devices, and times are of the monotonic clock, which all processes of a
boot share. Nothing is synced: after a power loss it would not count any more. Whatever cannot be read is
learned anew.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nodeagent.guard.restbins import RestBin
from nodeagent.guard.restlearning import LearnedRest, RestSlice
from nodeagent.state.names import REST_FILE

_PAUSE_SECONDS = 30.0
"""Least time between two saves: what is lost in between is seen again in the first readings."""
_VERSION = 2


class RestKnowledge:
    """Loads and saves what was learned.

    Args:
        directory: The state directory, whose lock is held.
        boot_id: The present boot.
        devices: Ids of all devices: the rest of other ones is another rest.
    """

    def __init__(self, directory: Path, boot_id: str, devices: Iterable[str]) -> None:
        self._path = directory / REST_FILE
        self._about = {"version": _VERSION, "bootID": boot_id, "devices": sorted(devices)}
        self._saved: object = None
        self._saved_at = float("-inf")

    def load(self, now: float) -> list[RestSlice]:
        """Returns what was known; nothing where that was of another boot or other devices, or is unreadable.

        Args:
            now: Monotonic seconds.
        """
        try:
            found = json.loads(self._path.read_bytes())
            if {name: found[name] for name in self._about} != self._about:
                return []
            slices = [_slice(item) for item in found["slices"]]
        except (OSError, ValueError, KeyError, TypeError):
            return []
        return slices if all(s.since <= now for s in slices) else []

    def keep(self, learned: LearnedRest, now: float) -> None:
        """Saves what is known if it has changed, now and then; a disk that is full costs a new start only."""
        if now - self._saved_at < _PAUSE_SECONDS or learned.slices == self._saved:
            return
        self._saved_at, self._saved = now, learned.slices
        with contextlib.suppress(OSError):
            self._write(learned.slices)

    def _write(self, slices: Sequence[RestSlice]) -> None:
        content = json.dumps({**self._about, "slices": [asdict(s) for s in slices]})
        temporary = self._path.with_name(f".{self._path.name}.new")
        temporary.write_text(content)
        temporary.replace(self._path)


def _slice(item: Any) -> RestSlice:
    figures = {name: float(value) for name, value in item.items() if name != "bins"}
    bins = tuple(
        RestBin(int(one["edge_watts"]), float(one["rest_watts"]), float(one["watched_seconds"]))
        for one in item["bins"]
    )
    return RestSlice(**figures, bins=bins)
