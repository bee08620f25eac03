"""How good the forecasts were: what was predicted, against what came."""

from __future__ import annotations

from dataclasses import dataclass

_SPACING_SECONDS = 60.0


@dataclass(frozen=True)
class Breach:
    """A cap, and how likely it was said to break within the horizon (0 to 1)."""

    cap_watts: float
    probability: float


@dataclass
class _Prediction:
    due: float
    median_watts: float
    upper_watts: float
    cap: Breach | None
    peak_watts: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """A forecast whose horizon has passed.

    Attributes:
        error_ratio: |measured - median| / measured, at the end of the horizon.
        exceeded: Whether the draw was above the upper bound at any time within it.
        breach_probability: As it was told, 0 to 1; None where none was.
        breached: Whether the draw was above the cap at any time within it.
    """

    error_ratio: float
    exceeded: bool
    breach_probability: float | None = None
    breached: bool = False


class ForecastScore:
    """Keeps one forecast a minute per series until its horizon has passed."""

    def __init__(self) -> None:
        self._open: dict[str, list[_Prediction]] = {}

    def predicted(
        self, series: str, due: float, median: float, upper: float, cap: Breach | None = None
    ) -> None:
        """Notes a forecast in watts that comes due at a Unix time."""
        waiting = self._open.setdefault(series, [])
        if not waiting or due - waiting[-1].due >= _SPACING_SECONDS:
            waiting.append(_Prediction(due, median, upper, cap))

    def measured(self, series: str, at: float, watts: float) -> list[Verdict]:
        """Takes a measurement, and returns the verdict on each forecast that it completes."""
        verdicts = []
        waiting = self._open.get(series, [])
        for prediction in waiting:
            prediction.peak_watts = max(prediction.peak_watts, watts)
        while waiting and waiting[0].due <= at:
            done = waiting.pop(0)
            error = abs(watts - done.median_watts) / max(watts, 1.0)
            cap = done.cap
            verdicts.append(
                Verdict(
                    error_ratio=error,
                    exceeded=done.peak_watts > done.upper_watts,
                    breach_probability=cap.probability if cap else None,
                    breached=cap is not None and done.peak_watts > cap.cap_watts,
                )
            )
        return verdicts

    def forget(self, kept: set[str]) -> None:
        """Drops the series that are gone."""
        self._open = {series: waiting for series, waiting in self._open.items() if series in kept}
