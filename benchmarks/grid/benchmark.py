"""Day-ahead forecasts of carbon intensity and price, and what shifting work by them saves.

Data: HewlettPackard/sustain-cluster (MIT; carbon intensities from Electricity Maps), hourly, UTC:
``grid/carbon_<zone>_<year>.csv`` with ``direct_gco2_per_kwh`` and ``lca_gco2_per_kwh``, and
``grid/price_<zone>_<year>.csv`` with ``usd_per_mwh`` under ``--data``. The last year of a zone is tested, the
two before it are fitted.

At the end of each UTC day the 24 hours of the next are forecast from the days up to then; coefficients stay
as fitted. Persistence is the same hour of the day before. Means are over zones. ``carbon`` without a suffix
is the column ``direct_gco2_per_kwh``. ``captured`` is the share of the oracle's saving against running evenly
over the day; ``captured_at_once`` is against running in the first 12 hours.
"""

from __future__ import annotations

import statistics
from argparse import ArgumentParser, Namespace

from benchmarks.grid.data import ZoneSeries, load
from benchmarks.grid.shifting import score
from benchmarks.registry import Benchmark, Metrics
from common.models.dayahead import (
    DayAheadForecaster,
    HourlyDays,
    coverage_percent,
    mape_percent,
    mean_absolute_error,
    persistence,
    weekly_naive,
)

CARBON_COLUMNS = {"carbon": "direct_gco2_per_kwh", "carbon_lca": "lca_gco2_per_kwh"}
PRICE_COLUMN = "usd_per_mwh"
Figures = dict[str, float]


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the year that is tested, so that structure can be chosen without the last one."""
    parser.add_argument("--test-year", type=int, default=0, help="default: the last year of each zone")


def run(arguments: Namespace) -> Metrics:
    """Returns the means over the zones, and after them the figures of each zone."""
    folder = arguments.data / "grid"
    means: dict[str, float | int] = {}
    detail: dict[str, float | int] = {}
    for prefix, column in CARBON_COLUMNS.items():
        series = load(folder, "carbon", column, arguments.test_year)
        _gather(prefix, {each.zone: _measure(each, "carbon") for each in series}, means, detail)
    prices = load(folder, "price", PRICE_COLUMN, arguments.test_year)
    _gather("price", {each.zone: _measure(each, "price") for each in prices}, means, detail)
    missed = sum(int(value) for key, value in detail.items() if key.endswith("deadlines_missed"))
    means["carbon_mape_ratio"] = means["carbon_mape_percent"] / means["carbon_persistence_mape_percent"]
    kept = {key: value for key, value in means.items() if not key.endswith("deadlines_missed")}
    return {**kept, "deadlines_missed": missed, **detail}


def _gather(
    prefix: str,
    zones: dict[str, Figures],
    means: dict[str, float | int],
    detail: dict[str, float | int],
) -> None:
    for key in next(iter(zones.values())):
        means[f"{prefix}_{key}"] = statistics.fmean(figures[key] for figures in zones.values())
    means[f"{prefix}_zones"] = len(zones)
    for zone, figures in zones.items():
        for key, value in figures.items():
            detail[f"{_snake(zone)}_{prefix}_{key}"] = value


def _measure(series: ZoneSeries, signal: str) -> Figures:
    days, first = series.days, series.fit_days
    forecaster = DayAheadForecaster(HourlyDays(days.first_day, days.values[:first]))
    forecast = forecaster.replay(days)
    tested = slice(first - 1, None)  # row i of a replay is the forecast of day i + 1
    actual = days.values[first:]
    naive = {
        "persistence": persistence(days.values)[tested],
        "weekly_naive": weekly_naive(days.values)[tested],
    }
    shifting = score(forecast.median[tested], actual)
    shared = {
        "captured_percent": shifting.captured_percent,
        "captured_at_once_percent": shifting.captured_at_once_percent,
        "persistence_captured_percent": score(naive["persistence"], actual).captured_percent,
        "coverage_90_percent": coverage_percent(forecast.lower[tested], forecast.upper[tested], actual),
        "deadlines_missed": shifting.deadlines_missed,
    }
    if signal == "carbon":
        relative = {f"{name}_mape_percent": mape_percent(values, actual) for name, values in naive.items()}
        return {"mape_percent": mape_percent(forecast.relative[tested], actual), **relative, **shared}
    error = mean_absolute_error(forecast.median[tested], actual)
    errors = {name: mean_absolute_error(values, actual) for name, values in naive.items()}
    return {
        "mae_ratio": error / errors["persistence"],
        "mae_usd_per_mwh": error,
        **{f"{name}_mae_usd_per_mwh": value for name, value in errors.items()},
        **shared,
    }


def _snake(zone: str) -> str:
    return zone.replace("-", "_").lower()


BENCHMARK = Benchmark(
    name="grid",
    description="day-ahead carbon and price forecasts against persistence, and what shifting by them saves",
    run=run,
    add_arguments=add_arguments,
    data=("grid",),
)
