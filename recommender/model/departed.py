"""Pods that ended lately: the readings still hold watts that were theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recommender.model.pods import PodView

REMEMBER_SECONDS = 180.0
"""Longer than the age limit and the window of any source: no fresh reading reaches further back."""


class Departed:
    """Notices who runs no more. Whoever is gone ended between two looks; the later one is taken."""

    def __init__(self) -> None:
        self._running: dict[str, PodView] = {}
        self._gone: dict[str, PodView] = {}

    def note(self, running: Sequence[PodView], at: float) -> tuple[PodView, ...]:
        """Takes in who runs at a Unix time, and returns those that ended lately."""
        now = {pod.key: pod for pod in running}
        for key in self._running.keys() - now.keys():
            self._gone[key] = replace(self._running[key], ended=at)
        self._running = now
        self._gone = {
            key: pod for key, pod in self._gone.items()
            if key not in now and at - pod.ended <= REMEMBER_SECONDS
        }  # fmt: skip
        return tuple(self._gone.values())
