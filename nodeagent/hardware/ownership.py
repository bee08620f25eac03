"""Who set a device's limit: we, nobody (a driver that starts knows no limits), or a stranger. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nodeagent.devices.device import KIND_CPU, SAME_LIMIT_WATTS
from nodeagent.state.originals import Original

_WHOLE_NODE_LABEL = "joulie.io/power-profile"
_CPU_PREFIX = "power.intel.com/"


def node_manager(kind: str, labels: Mapping[str, str]) -> str:
    """Returns the label by which another power manager claims devices of a kind on a node; empty for none.

    Args:
        kind: ``KIND_GPU`` or ``KIND_CPU``.
        labels: The Node's labels and annotations.
    """
    if labels.get(_WHOLE_NODE_LABEL):
        return _WHOLE_NODE_LABEL
    if kind != KIND_CPU:
        return ""
    return next((name for name in sorted(labels) if name.startswith(_CPU_PREFIX)), "")


@dataclass(frozen=True)
class SavedLimits:
    """What is known of a device's limit from outside of this process.

    Attributes:
        lowered_by_watchdog: Returns what the watchdog set last; None where it set nothing.
        original: Returns what is saved of the device; None where nothing is.
    """

    lowered_by_watchdog: Callable[[], float | None] = lambda: None
    original: Callable[[], Original | None] = lambda: None


UNSAVED = SavedLimits()


class LimitOwner:
    """Compares the limit that a device was asked for with what we asked for last.

    Args:
        default_watts: Where a driver that starts puts the limit.
        saved: What is known from before.
    """

    def __init__(self, default_watts: float, saved: SavedLimits) -> None:
        self.stranger = ""
        self._default_watts = default_watts
        self._saved = saved
        self._met = False
        self._ours: float | None = None
        self._asked: set[float] = set()

    def asks(self, watts: float) -> None:
        """A write is about to be sent; whatever becomes of it, it may happen, and late."""
        self._asked.add(watts)

    def wrote(self, watts: float) -> None:
        """A write of ours came back, and this is what the device says it was asked for."""
        self._ours = watts
        self._asked.clear()
        self.stranger = ""

    def let_go(self) -> None:
        """The device was given back: whatever it is set to from here on is not for us to judge."""
        self._ours = None
        self.stranger = ""

    def seen(self, requested_watts: float) -> None:
        """The device says what limit it was asked for last, by whomever."""
        if not self._met:
            self._met = True
            original = self._saved.original()
            if self._ours is None and original is not None:
                self._ours = original.left_watts
        if self._ours is None or _same(requested_watts, self._ours):
            self.stranger = ""
        elif any(_same(requested_watts, watts) for watts in self._asked):
            self.wrote(requested_watts)
        elif self._is_start(requested_watts):
            self.let_go()
        elif (lowered := self._saved.lowered_by_watchdog()) is not None and _same(requested_watts, lowered):
            self.wrote(lowered)
        else:
            self.stranger = f"another writer (it set {requested_watts:,.0f} W)"

    def _is_start(self, requested_watts: float) -> bool:
        """Whether a limit is one that a driver comes up with."""
        original = self._saved.original()
        known = (self._default_watts, None if original is None else original.limit_watts)
        return any(watts is not None and _same(requested_watts, watts) for watts in known)


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= SAME_LIMIT_WATTS
