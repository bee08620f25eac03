"""The Carbon Aware SDK's WebApi, as docs/carbon-aware-webapi.md of its repository shows it."""

from datetime import UTC, datetime

import pytest

from common.grid.carbon_aware_sdk import CarbonAwareSdk
from common.grid.errors import GridRefusedError, GridUnavailableError
from tests.unit.grid.dialect_server import serving

PATH = "/emissions/forecasts/current"
FORECAST = {
    "generatedAt": "2026-06-01T00:03:30+00:00", "requestedAt": "2026-06-01T00:00:00+00:00",
    "location": "eastus", "dataStartAt": "2026-06-01T00:05:00+00:00",
    "dataEndAt": "2026-06-01T00:15:00+00:00", "windowSize": 5,
    "optimalDataPoints": [
        {"location": "PJM_ROANOKE", "timestamp": "2026-06-01T00:10:00+00:00", "duration": 5, "value": 448.4}
    ],
    "forecastData": [
        {"location": "PJM_ROANOKE", "timestamp": "2026-06-01T00:05:00+00:00", "duration": 5, "value": 480.2},
        {"location": "PJM_ROANOKE", "timestamp": "2026-06-01T00:10:00+00:00", "duration": 5, "value": 448.4},
    ],
}  # fmt: skip


async def test_the_forecast_data_becomes_a_series():
    async with serving({PATH: (200, [FORECAST])}) as (server, http):
        series = await CarbonAwareSdk(http, server.url + "/", "eastus").fetch()
    assert series.at(datetime(2026, 6, 1, 0, 12, tzinfo=UTC)) == 448.4
    assert series.at(datetime(2026, 6, 1, 0, 15, tzinfo=UTC)) is None
    assert server.queries(PATH) == [{"location": "eastus"}]


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        ((200, []), GridRefusedError, "check the location"),
        ((200, [{**FORECAST, "forecastData": []}]), GridRefusedError, "no record"),
        ((400, {"title": "ArgumentException"}), GridRefusedError, "400"),
        ((501, {"title": "NotImplementedException"}), GridUnavailableError, "501"),
        ((200, {"unexpected": True}), GridRefusedError, "another format"),
        ((200, b"<html>"), GridRefusedError, "another format"),
    ],
    ids=["no forecast", "empty forecast", "bad location", "source without forecasts", "object", "no json"],
)
async def test_what_is_no_forecast_is_an_error_that_says_what_to_do(answer, error, text):
    async with serving({PATH: answer}) as (server, http):
        with pytest.raises(error, match=text):
            await CarbonAwareSdk(http, server.url, "eastus").fetch()
