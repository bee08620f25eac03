"""When a status is written: what somebody waits for at once, the rest not more than once a second."""

from __future__ import annotations

from dataclasses import dataclass

from common.api.frequencies import DEVICE_PENDING, FrequenciesStatus
from nodeagent.report.status import without_live_figures


@dataclass(frozen=True)
class PaceSettings:
    """How often a status may and must be written.

    Attributes:
        shortest_seconds: Least time between two writes that nobody waits for.
        gather_seconds: A change waits so long for others to come with it.
        longest_seconds: A status is written at least so often, for its live figures.
    """

    shortest_seconds: float = 1.0
    gather_seconds: float = 0.25
    longest_seconds: float = 30.0


class StatusPace:
    """Decides when the next write of a status is due."""

    def __init__(self, settings: PaceSettings) -> None:
        self._settings = settings
        self._written: FrequenciesStatus | None = None
        self._written_at = float("-inf")
        self._changed_at: float | None = None

    def due_at(self, status: FrequenciesStatus, now: float) -> float:
        """Returns the monotonic time at which a status should be written; ``now`` or before for at once."""
        before = self._written
        if before is None or _is_awaited(before, status):
            return now
        if without_live_figures(before) == without_live_figures(status):
            self._changed_at = None
            return self._written_at + self._settings.longest_seconds
        if self._changed_at is None:
            self._changed_at = now
        settings = self._settings
        return max(self._written_at + settings.shortest_seconds, self._changed_at + settings.gather_seconds)

    def written(self, status: FrequenciesStatus, now: float) -> None:
        """Notes a write that landed."""
        self._written, self._written_at, self._changed_at = status, now, None

    def lost(self) -> None:
        """What was written is not there any more, or not known to be."""
        self._written = None


def _is_awaited(before: FrequenciesStatus, status: FrequenciesStatus) -> bool:
    if _confirmed(before) != _confirmed(status):
        return True
    return not _has_pending(status) and status.observed_generation > _settled_generation(before)


def _confirmed(status: FrequenciesStatus) -> tuple[str, int]:
    budget = status.power_budget
    return ("", -1) if budget is None else (budget.uid, budget.sequence)


def _settled_generation(status: FrequenciesStatus) -> int:
    """The last generation that was reported as done; one that was reported as pending is still awaited."""
    return status.observed_generation - 1 if _has_pending(status) else status.observed_generation


def _has_pending(status: FrequenciesStatus) -> bool:
    statuses = [gpu.status for gpu in status.gpus] + [cpu.status for cpu in status.cpus]
    return DEVICE_PENDING in statuses
