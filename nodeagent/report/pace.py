"""When a status is written: what somebody waits for at once, the rest not more than once a second."""

from __future__ import annotations

from dataclasses import dataclass

from common.api.frequencies import DEVICE_PENDING, BudgetStatus, FrequenciesStatus
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
        self._lasting: FrequenciesStatus | None = None
        self._settled_generation = 0
        self._written_at = float("-inf")
        self._changed_at: float | None = None

    def changed(self, now: float) -> None:
        """Something changed that a status may show; the first change since the last write counts."""
        if self._changed_at is None:
            self._changed_at = now

    def quiet_until(self, confirmed: BudgetStatus | None, generation: int) -> float:
        """Returns until when no status can be due, whatever it says of devices; in the past where one can.

        Args:
            confirmed: What the status would confirm.
            generation: Which generation it would speak of.
        """
        before = self._written
        if before is None or _claim(before.power_budget) != _claim(confirmed):
            return float("-inf")
        if generation > self._settled_generation:
            return float("-inf")
        return self._written_at + self._settings.shortest_seconds

    def due_at(self, status: FrequenciesStatus, now: float) -> float:
        """Returns the monotonic time at which a status should be written; ``now`` or before for at once."""
        before = self._written
        if before is None or self._is_awaited(before, status):
            return now
        if self._lasting == without_live_figures(status):
            self._changed_at = None
            return self._written_at + self._settings.longest_seconds
        self.changed(now)
        gathered_at = (self._changed_at or now) + self._settings.gather_seconds
        return max(self._written_at + self._settings.shortest_seconds, gathered_at)

    def written(self, status: FrequenciesStatus, now: float) -> None:
        """Notes a write that landed."""
        self._written, self._written_at, self._changed_at = status, now, None
        self._lasting = without_live_figures(status)
        if not _has_pending(status):
            self._settled_generation = status.observed_generation

    def lost(self) -> None:
        """What was written is not there any more, or not known to be."""
        self._written, self._settled_generation = None, 0

    def _is_awaited(self, before: FrequenciesStatus, status: FrequenciesStatus) -> bool:
        """Whether somebody waits for it: a confirmation, or a generation that was not reported as done yet.

        Nobody asked for limits that the guard moves under a generation that was done before.
        """
        if _claim(before.power_budget) != _claim(status.power_budget):
            return True
        return status.observed_generation > self._settled_generation and not _has_pending(status)


def _claim(confirmed: BudgetStatus | None) -> tuple[str, int]:
    return ("", -1) if confirmed is None else (confirmed.uid, confirmed.sequence)


def _has_pending(status: FrequenciesStatus) -> bool:
    statuses = [gpu.status for gpu in status.gpus] + [cpu.status for cpu in status.cpus]
    return DEVICE_PENDING in statuses
