"""Electricity Maps v3, as its reference shows it: portal.electricitymaps.com/developer-hub/api/reference."""

from datetime import UTC, datetime

import pytest

from common.grid.electricity_maps import ElectricityMaps
from common.grid.errors import GridRefusedError
from common.grid.secret import SecretText
from tests.unit.grid.dialect_server import serving

HISTORY = "/v3/carbon-intensity/history"
FORECAST = "/v3/carbon-intensity/forecast"


def measured(hour, value):
    return {
        "zone": "DE", "carbonIntensity": value, "datetime": f"2026-03-29T{hour:02}:00:00.000Z",
        "updatedAt": "2026-03-29T10:00:00.000Z", "createdAt": "2026-03-26T00:00:00.000Z",
        "emissionFactorType": "lifecycle", "isEstimated": True, "estimationMethod": "TIME_SLICER_AVERAGE",
    }  # fmt: skip


def expected(hour, value):
    return {"carbonIntensity": value, "datetime": f"2026-03-29T{hour:02}:00:00.000Z"}


ANSWERS = {
    HISTORY: (200, {"zone": "DE", "history": [measured(8, 400), measured(9, 410)]}),
    FORECAST: (
        200,
        {
            "zone": "DE",
            "forecast": [expected(9, 300), expected(10, 310), expected(11, 290)],
            "updatedAt": "2026-03-29T09:30:00.000Z",
        },
    ),
}


@pytest.fixture
def token(monkeypatch):
    monkeypatch.setenv("EM_TOKEN", "a-secret-token")
    return SecretText(variable="EM_TOKEN")


async def test_the_past_and_the_forecast_become_one_series_in_which_measured_hours_win(token):
    async with serving(ANSWERS) as (server, http):
        series = await ElectricityMaps(http, token, "DE", url=server.url).fetch()
    assert [point.value for point in series.points] == [400, 410, 310, 290]
    assert series.unit == "gCO2/kWh"
    assert series.at(datetime(2026, 3, 29, 10, 59, tzinfo=UTC)) == 310


async def test_the_token_travels_in_its_header_and_the_zone_in_the_query(token):
    async with serving(ANSWERS) as (server, http):
        await ElectricityMaps(http, token, "DE", url=server.url, emission_factors="direct").fetch()
    assert {request.headers["auth-token"] for request in server.requests} == {"a-secret-token"}
    assert server.queries(FORECAST) == [{"zone": "DE", "emissionFactorType": "direct"}]


async def test_a_plan_without_forecasts_still_gives_the_past(token):
    answers = {**ANSWERS, FORECAST: (401, {"error": "not in your plan"})}
    async with serving(answers) as (server, http):
        series = await ElectricityMaps(http, token, "DE", url=server.url).fetch()
    assert [point.value for point in series.points] == [400, 410]


async def test_a_bad_token_is_a_refusal_that_does_not_quote_it(token):
    async with serving({HISTORY: (403, {"error": "Invalid auth-token"})}) as (server, http):
        with pytest.raises(GridRefusedError, match="403; check the credential") as refused:
            await ElectricityMaps(http, token, "DE", url=server.url).fetch()
    assert "a-secret-token" not in str(refused.value)


async def test_hours_without_a_value_are_left_out(token):
    answers = {
        HISTORY: (200, {"zone": "DE", "history": [measured(8, None), measured(9, 410)]}),
        FORECAST: (404, {}),
    }
    async with serving(answers) as (server, http):
        series = await ElectricityMaps(http, token, "DE", url=server.url).fetch()
    assert [point.value for point in series.points] == [410]
