"""Who acts on the replayed day, with what bounds, and where the deferrable work goes."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from benchmarks.day.grid import Grid, GridDay
from benchmarks.day.load import DAY_WINDOWS, WARM_WINDOWS, DayLoad
from benchmarks.day.pool import Served
from benchmarks.day.world import BATCH_HOURS, World, autoscaled, batch_at_once, batch_shifted
from tests.unit.benchmarks.day import kind

_CHEAP = range(8, 20)


def _world(cap=120_000.0):
    return World([kind("a"), kind("b")], [6.0, 4.0], cap, [10, 6], 20_000.0)


def _load(rates=(6.0, 4.0)):
    history = np.tile(np.array(rates)[:, None], 7 * DAY_WINDOWS - WARM_WINDOWS)
    windows = np.tile(np.array(rates)[:, None], DAY_WINDOWS + WARM_WINDOWS)
    return DayLoad(history, windows, np.zeros((2, 10)), 5.0)


def _grid():
    price = np.where(np.isin(np.arange(24), _CHEAP), 20.0, 90.0)
    return GridDay("XX", date(2023, 1, 1), price[::-1].copy(), np.full(24, 400.0), price, np.full(24, 400.0))


def test_deferrable_work_runs_when_the_forecast_is_low():
    assert batch_shifted(_world(), _load(), _grid()).hours == frozenset(_CHEAP)
    assert batch_at_once(_world()).hours == frozenset(range(BATCH_HOURS))


def test_deferrable_work_keeps_out_of_hours_whose_watts_are_needed():
    load = _load()
    at = (np.arange(load.history.shape[1]) // (DAY_WINDOWS // 24)) % 24
    busy = DayLoad(
        np.where(np.isin(at, (8, 9, 10)), 25.0, load.history), load.windows, load.arrivals, load.dt
    )
    hours = batch_shifted(_world(), busy, _grid()).hours
    assert len(hours) == BATCH_HOURS
    assert not hours & {8, 9, 10}


def test_nameplates_of_all_ceilings_fit_the_cap():
    world = _world(cap=60_000.0)
    pools = world.pools(_load())
    scaler = autoscaled(world, within_cap=True)
    for step in range(40):
        scaler.act(15.0 * step, pools, [Served(running=1e6) for _ in pools])
    bound = sum(pool.bound for pool in pools)
    assert bound > 2
    assert bound * pools[0].kind.server.provisioned_watts + world.batch_watts <= world.cap_watts


def test_without_ceilings_the_cap_is_not_looked_at():
    world = _world(cap=60_000.0)
    pools = world.pools(_load())
    scaler = autoscaled(world, within_cap=False)
    for step in range(40):
        scaler.act(15.0 * step, pools, [Served(running=1e6) for _ in pools])
    assert sum(pool.bound for pool in pools) * 5700.0 > world.cap_watts


def _write(folder, signal, column, first, days, shape):
    lines = [f"datetime_utc,{column}"]
    for hour in range(24 * days):
        at = first + timedelta(hours=hour)
        lines.append(f"{at:%Y-%m-%d %H:%M:%S}+00:00,{shape(hour)}")
    (folder / f"{signal}_XX_{first.year}.csv").write_text("\n".join(lines) + "\n")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "grid").mkdir()
    columns = {"price": "usd_per_mwh", "carbon": "direct_gco2_per_kwh"}
    for signal, column in columns.items():
        for first, days in ((datetime(2022, 9, 1), 122), (datetime(2023, 1, 1), 5)):
            _write(tmp_path / "grid", signal, column, first, days, lambda hour: 50 + 10 * (hour % 24))
    return tmp_path


def test_a_day_of_the_last_year_with_forecasts_of_the_evening_before(folder):
    grid = Grid(folder)
    drawn = [grid.draw(np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert all(one.day.year == 2023 for one in drawn)
    assert drawn[0].day == drawn[1].day
    assert drawn[0].usd_per_mwh == pytest.approx(50 + 10 * np.arange(24))
    assert drawn[0].expected_usd_per_mwh == pytest.approx(drawn[0].usd_per_mwh, rel=0.05)
