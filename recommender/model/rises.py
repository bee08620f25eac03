"""The draw of oversubscribed domains over the last day: what rises are learned from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from common.models.oversubscription import DrawWindow

_STEP_SECONDS = 5.0
_WINDOW_SECONDS = 24 * 3600.0
_DEFAULT_LATENCY_SECONDS = 6.2


@dataclass(frozen=True)
class Seen:
    """A domain's recent draw, and how fast anything is done about it."""

    window: DrawWindow
    latency_seconds: float

    @property
    def latency_steps(self) -> int:
        """Whole steps of the window that the latency spans."""
        return max(1, math.ceil(self.latency_seconds / self.window.step_seconds))


class DomainRises:
    """One window per domain that asks for it.

    Args:
        latency_seconds: From a rise until what is decided on it is in force.
    """

    def __init__(self, latency_seconds: float = _DEFAULT_LATENCY_SECONDS) -> None:
        self._latency_seconds = latency_seconds
        self._windows: dict[str, DrawWindow] = {}

    def observe(self, at: float, watts: Mapping[str, float]) -> None:
        """Takes the draw of all domains that ask for it; the others are forgotten."""
        self._windows = {
            name: self._windows.get(name) or DrawWindow(_STEP_SECONDS, _WINDOW_SECONDS) for name in watts
        }
        for name, drawn in watts.items():
            self._windows[name].observe(at, drawn)

    def of(self, domain: str) -> Seen | None:
        """Returns what was seen of a domain; None for nothing."""
        window = self._windows.get(domain)
        return Seen(window, self._latency_seconds) if window is not None else None
