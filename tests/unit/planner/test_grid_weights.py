"""Prices and carbon that plans weigh: sources by settings; what nobody tells is as the settings say."""

import math
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from common.clock import SystemClock
from common.grid.series import Signal
from common.service.options import SettingsError
from recommender.planner.config import PlannerSettings
from recommender.planner.grid import open_grid
from recommender.planner.plan import make_plan
from tests.unit.planner.services import service

HOUR = timedelta(hours=1)


@pytest.fixture
def price_file(tmp_path):
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    rows = [f"{(start + n * HOUR).isoformat()},{100 + n}" for n in range(-2, 4)]
    path = tmp_path / "prices.csv"
    path.write_text("start,price\n" + "\n".join(rows) + "\n")
    return path


async def opened(stack, registry=None, **settings):
    chosen = PlannerSettings(usd_per_kwh=0.3, gco2_per_kwh=400.0, watts_per_usd_hour=50.0, **settings)
    return await open_grid(chosen, stack, None, None, SystemClock(), registry or CollectorRegistry())


async def test_the_present_price_goes_before_the_setting(price_file):
    async with AsyncExitStack() as stack:
        grid = await opened(stack, price_sources=f"csv path={price_file} unit=USD/MWh")
        assert grid.weights().usd_per_kwh == 0.3
        await grid.read()
        weights = grid.weights()
        assert (weights.usd_per_kwh, weights.gco2_per_kwh) == (pytest.approx(0.1), 400.0)


async def test_the_next_hours_are_told_as_far_as_they_are_known(price_file):
    async with AsyncExitStack() as stack:
        grid = await opened(stack, price_sources=f"csv path={price_file} unit=USD/MWh")
        await grid.read()
        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        told = grid.hours(Signal.PRICE, start, 5)
        assert told[:4] == [100.0, 101.0, 102.0, 103.0]
        assert math.isnan(told[4])
        assert all(map(math.isnan, grid.hours(Signal.CARBON_INTENSITY, start, 3)))


async def test_the_second_source_stands_in_for_one_that_fails(price_file):
    registry = CollectorRegistry()
    async with AsyncExitStack() as stack:
        both = f"csv path=/not/there unit=USD/MWh; csv path={price_file} unit=USD/MWh"
        grid = await opened(stack, registry, price_sources=both)
        await grid.read()
        assert grid.weights().usd_per_kwh == pytest.approx(0.1)
        assert registry.get_sample_value("climatik_planner_grid_stale", {"signal": "price"}) == 0


async def test_a_source_that_never_told_leaves_the_setting_and_is_counted():
    registry = CollectorRegistry()
    async with AsyncExitStack() as stack:
        grid = await opened(stack, registry, carbon_sources="csv path=/not/there")
        await grid.read()
        assert grid.weights().gco2_per_kwh == 400.0
        of = {"signal": "carbonIntensity"}
        assert registry.get_sample_value("climatik_planner_grid_stale", of) == 1
        assert registry.get_sample_value("climatik_planner_grid_failures_total", of) == 1


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"price_sources": "oracle path=x"}, "--price-sources: unknown kind"),
        ({"carbon_sources": "csv"}, "--carbon-sources: the grid source 'csv' lacks path"),
        ({"carbon_sources": "config-map"}, "--carbon-sources: the grid source config-map needs a cluster"),
    ],
)
async def test_a_source_that_cannot_be_used_is_named_with_its_flag(settings, named):
    async with AsyncExitStack() as stack:
        with pytest.raises(SettingsError) as refused:
            await opened(stack, **settings)
    assert named in str(refused.value)


async def test_a_dear_hour_weighs_watts_more(price_file):
    async with AsyncExitStack() as stack:
        grid = await opened(stack, price_sources=f"csv path={price_file} unit=USD/MWh")
        await grid.read()
        cheap = grid.weights()
    assert cheap.watts_factor > 1.0
    assert make_plan([service()], 1e9, cheap).watts <= make_plan([service()], 1e9, type(cheap)()).watts
