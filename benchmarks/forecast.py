"""Forecasts of request rates against persistence and seasonal-naive on recorded inference services.

Data: alibaba/ServeGen (Apache-2.0), client windows summed to 10 minutes; ``load/servegen_*_days*.csv``
under ``--data`` with the columns ``window_start_s`` and ``requests_per_s``. A zero is a gap in the
recording, and so is a window beside it with under a tenth of the usual rate: neither is scored.

The fit sees the first days only. The test then feeds one value after the other and asks for a forecast after
each: coefficients stay as fitted, while the levels, the blend of experts and the bounds follow what has come
due. ``width_99_ratio`` is the mean upper bound over the mean value, the mean of horizons and models.
"""

from __future__ import annotations

import statistics
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.registry import Benchmark, Metrics, Skipped
from benchmarks.servegen import PATTERN, read_rates, recordings
from common.models.forecast import (
    Forecast,
    ForecastSettings,
    LoadForecaster,
    coverage_percent,
    mask_gaps,
    skill,
    wape_percent,
)

Array = NDArray[np.float64]

_HORIZON_NAMES = {1: "10min", 6: "1h", 24: "4h"}
_TIMING_ROUNDS = 5


def add_arguments(parser: ArgumentParser) -> None:
    """Declares which days are fitted and tested, so that structure can be chosen without the last ones."""
    parser.add_argument("--fit-days", type=int, default=7, help="days that are fitted on")
    parser.add_argument("--test-days", type=int, default=3, help="days after them that are tested on")


def run(arguments: Namespace) -> Metrics:
    """Returns the mean over the files found, and the figures of each."""
    files = recordings(arguments.data)
    if not files:
        raise Skipped(f"needs {PATTERN} under {arguments.data}: pass --data")
    each = {path.name.split("_")[1]: _measure(path, arguments) for path in files}
    keys = next(iter(each.values()))
    means = {key: statistics.fmean(figures[key] for figures in each.values()) for key in keys}
    detail = {
        f"{_snake(name)}_{key}": value
        for name, figures in each.items()
        for key, value in figures.items()
        if key.startswith(("wape", "coverage", "width"))
    }
    milliseconds = _milliseconds(files, arguments.fit_days * ForecastSettings().day_steps)
    return {"models": len(files), **means, "series_milliseconds": milliseconds, **detail}


def _measure(path: Path, arguments: Namespace) -> dict[str, float]:
    day = ForecastSettings().day_steps
    values = read_rates(path)
    fit, end = arguments.fit_days * day, (arguments.fit_days + arguments.test_days) * day
    if values.size < end:
        raise Skipped(f"{path.name} has {values.size} windows, fewer than the {end} to fit and test on")
    forecasts = _replay(values[:end], fit)
    # What is scored is decided with hindsight: a partly recorded window before a gap is one as well.
    actual = np.where(_partly_recorded(values[:end]), np.nan, mask_gaps(values[None, :end])[0])
    return _scores(forecasts, actual, fit)


def _replay(values: Array, fit: int) -> list[Forecast]:
    """Returns the forecasts made at each origin from ``fit`` minus the longest horizon on.

    The forecaster is fitted on the columns before ``fit`` alone; targets start at ``fit``, and origins with
    it, so that each horizon is asked from columns the forecaster has really taken.
    """
    forecaster = LoadForecaster(values[None, :fit])
    forecasts = [forecaster.forecast()]
    for value in values[fit:-1]:
        forecaster.observe(np.array([value]))
        forecasts.append(forecaster.forecast())
    return forecasts


def _scores(forecasts: list[Forecast], actual: Array, fit: int) -> dict[str, float]:
    scores: dict[str, float] = {}
    coverages, widths = [], []
    for column, (steps, name) in enumerate(_HORIZON_NAMES.items()):
        target = actual[fit - 1 + steps :]
        asked = forecasts[: target.size]
        median, upper, persistence, seasonal = (
            np.array([getattr(each, part)[0, column] for each in asked])
            for part in ("median", "upper", "persistence", "seasonal")
        )
        scores[f"wape_{name}_percent"] = wape_percent(median, target)
        scores[f"persistence_wape_{name}_percent"] = wape_percent(persistence, target)
        scores[f"seasonal_wape_{name}_percent"] = wape_percent(seasonal, target)
        scores[f"skill_{name}"] = skill(median, persistence, target)
        coverages.append(coverage_percent(upper, target))
        widths.append(float(upper[np.isfinite(target)].mean() / np.nanmean(target)))
        scores[f"coverage_99_{name}_percent"], scores[f"width_99_{name}_ratio"] = coverages[-1], widths[-1]
    return {
        **scores,
        "coverage_99_percent": statistics.fmean(coverages),
        "width_99_ratio": statistics.fmean(widths),
    }


def _partly_recorded(values: Array) -> NDArray[np.bool_]:
    """Returns which windows stand in a run of low ones that touches a gap."""
    low: NDArray[np.bool_] = values < 0.1 * np.median(values[values > 0])
    starts = np.flatnonzero(np.diff(np.concatenate([[False], low])) == 1)
    for start in starts:
        end = start + int(np.argmin(np.append(low[start:], False)))
        low[start:end] = bool((values[start:end] <= 0).any())
    return low


def _milliseconds(files: list[Path], fit: int) -> float:
    """Returns the median time per series of one fit and one forecast of all files as a batch."""
    histories = np.stack([read_rates(path)[:fit] for path in files])
    took = []
    for _ in range(_TIMING_ROUNDS):
        start = time.perf_counter()
        LoadForecaster(histories).forecast()
        took.append(1000 * (time.perf_counter() - start) / len(files))
    return statistics.median(took)


def _snake(name: str) -> str:
    return name.replace("-", "_")


BENCHMARK = Benchmark(
    name="forecast",
    description="errors and 99 % bounds of load forecasts on recorded services, against persistence",
    run=run,
    add_arguments=add_arguments,
    data=("load",),
)
