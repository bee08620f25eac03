"""Any series in Prometheus: what an exporter of the operator's own choice scrapes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from common.clock import Clock, SystemClock
from common.grid.errors import GridRefusedError, GridUnavailableError
from common.grid.series import GridPoint, GridSeries, Signal
from common.telemetry.errors import TelemetryError, TelemetryUnavailableError
from common.telemetry.prometheus import PowerQueries


@dataclass(frozen=True)
class PrometheusSeries:
    """The past of one series; what comes is for the day-ahead forecast to say.

    Attributes:
        queries: Of the Prometheus.
        expression: PromQL that yields exactly one series.
        signal: What the values are.
        unit: Of the values.
        zone: For display.
        past_seconds: How far back to ask; the default serves the day-ahead forecast, which looks at three
            months.
        step_seconds: Between two values.
        clock: Tells where the past ends.
    """

    queries: PowerQueries
    expression: str
    signal: Signal
    unit: str
    zone: str = ""
    past_seconds: float = 92 * 86400.0
    step_seconds: float = 3600.0
    clock: Clock = field(default_factory=SystemClock)

    @property
    def name(self) -> str:
        """Returns the expression."""
        return f"prometheus {self.expression}"

    async def fetch(self) -> GridSeries:
        """Asks for the past up to now.

        Raises:
            GridUnavailableError: Prometheus did not answer, or has no such series now.
            GridRefusedError: The expression is refused, or yields several series.
        """
        step = self.step_seconds
        end = self.clock.now().timestamp() // step * step
        start = end - self.past_seconds // step * step
        try:
            answer = await self.queries.query_range(self.expression, start=start, end=end, step_seconds=step)
        except TelemetryUnavailableError as error:
            raise GridUnavailableError(f"{self.name}: {error}", error.retry_after_seconds) from error
        except TelemetryError as error:
            raise GridRefusedError(f"{self.name}: {error}") from error
        if len(answer) > 1:
            raise GridRefusedError(f"{self.name} yields {len(answer)} series; aggregate it to one")
        points = self._points(answer.timestamps, answer.values[0]) if len(answer) else ()
        if not points:
            raise GridUnavailableError(f"{self.name} yields no value; check the exporter")
        return GridSeries(self.signal, self.unit, self.zone, self.name, points)

    def _points(self, times: np.ndarray, values: np.ndarray) -> tuple[GridPoint, ...]:
        return tuple(
            GridPoint(datetime.fromtimestamp(float(time), UTC), self.step_seconds, float(value))
            for time, value in zip(times, values, strict=True)
            if np.isfinite(value)
        )
