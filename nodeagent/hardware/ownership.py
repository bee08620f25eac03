"""Who set a device's limit: we, nobody (a driver that starts knows no limits), or a stranger. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nodeagent.devices.device import KIND_CPU, SAME_LIMIT_WATTS

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


class LimitOwner:
    """Compares the limit that a device was asked for with what we asked for last.

    Args:
        default_watts: Where a driver that starts puts the limit.
        lowered_by_watchdog: Returns what the watchdog set last; None where it set nothing.
        original_watts: Returns the limit as first found, by whichever agent; None where none is saved.
    """

    def __init__(
        self,
        default_watts: float,
        lowered_by_watchdog: Callable[[], float | None],
        original_watts: Callable[[], float | None],
    ) -> None:
        self.stranger = ""
        self._original_watts = original_watts
        self._default_watts = default_watts
        self._lowered_by_watchdog = lowered_by_watchdog
        self._found_watts: float | None = None
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
        if self._found_watts is None:
            self._found_watts = requested_watts
        if self._ours is None or _same(requested_watts, self._ours):
            self.stranger = ""
        elif any(_same(requested_watts, watts) for watts in self._asked):
            self.wrote(requested_watts)
        elif self._is_start(requested_watts):
            self.let_go()
        elif (lowered := self._lowered_by_watchdog()) is not None and _same(requested_watts, lowered):
            self.wrote(lowered)
        else:
            self.stranger = f"another writer (it set {requested_watts:,.0f} W)"

    def _is_start(self, requested_watts: float) -> bool:
        """Whether a limit is one that a driver comes up with."""
        known = (self._default_watts, self._found_watts, self._original_watts())
        return any(watts is not None and _same(requested_watts, watts) for watts in known)


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= SAME_LIMIT_WATTS
