"""Playing a trace: from when, how fast, and with which factor on each workload."""

from __future__ import annotations

from common.twin.serving import Demand
from deploy.local.machine_room.trace import LoadTrace


class Playback:
    """Where in the trace we are. Until ``start`` it stands at its first second."""

    def __init__(self, trace: LoadTrace) -> None:
        self.trace = trace
        self._started_at: float | None = None
        self._speed = 1.0
        self._offset = 0.0
        self._factors: dict[str, float] = {}

    def start(self, now: float, speed: float = 1.0, offset_seconds: float = 0.0) -> None:
        """Plays from an offset on, so many times as fast as recorded."""
        self._started_at = now
        self._speed = speed
        self._offset = offset_seconds

    def set_factor(self, workload: str, factor: float | None) -> None:
        """Multiplies a workload's demand; None ends that."""
        if factor is None:
            self._factors.pop(workload, None)
        else:
            self._factors[workload] = factor

    def position(self, now: float) -> float:
        """Returns the second of the trace that plays at a moment."""
        if self._started_at is None:
            return self._offset
        return self._offset + (now - self._started_at) * self._speed

    def demand(self, workload: str, now: float) -> Demand:
        """Returns what arrives at a workload as a whole."""
        recorded = self.trace.demand(workload, self.position(now))
        factor = self._factors.get(workload, 1.0)
        return recorded._replace(requests_per_second=recorded.requests_per_second * factor)

    def serves(self, workload: str) -> bool:
        """Whether the trace knows a workload of that name."""
        return workload in self.trace.services
