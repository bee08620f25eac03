"""Day-ahead prices as awattar.de/services/api and api.energy-charts.info answer them."""

from datetime import UTC, datetime

import pytest

from common.grid.errors import GridRefusedError, GridUnavailableError
from common.grid.price_json import PriceJson
from tests.unit.grid.dialect_server import serving

START = 1_767_225_600  # 2026-01-01T00:00Z
AWATTAR = {
    "object": "list",
    "data": [
        {
            "start_timestamp": (START + 3600 * hour) * 1000,
            "end_timestamp": (START + 3600 * (hour + 1)) * 1000,
            "marketprice": price,
            "unit": "Eur/MWh",
        }
        for hour, price in enumerate([42.09, -5.12])
    ],
    "url": "/de/v1/marketdata",
}
ENERGY_CHARTS = {
    "license_info": "CC BY 4.0", "unix_seconds": [START, START + 900, START + 1800],
    "price": [10.5, None, -3.25], "unit": "EUR / MWh", "deprecated": False,
}  # fmt: skip


async def fetch(body):
    async with serving({"/price": (200, body)}) as (server, http):
        return await PriceJson(http, server.url + "/price", {"bzn": "DE-LU"}, "DE-LU").fetch(), server


async def test_auctions_in_milliseconds():
    series, server = await fetch(AWATTAR)
    assert series.unit == "EUR/MWh"
    assert series.at(datetime(2026, 1, 1, 1, 30, tzinfo=UTC)) == -5.12
    assert server.queries("/price") == [{"bzn": "DE-LU"}]


async def test_columns_of_seconds_with_a_gap():
    series, _ = await fetch(ENERGY_CHARTS)
    assert series.at(datetime(2026, 1, 1, 0, 5, tzinfo=UTC)) == 10.5
    assert series.at(datetime(2026, 1, 1, 0, 20, tzinfo=UTC)) is None
    assert series.at(datetime(2026, 1, 1, 0, 31, tzinfo=UTC)) == -3.25


@pytest.mark.parametrize(
    ("body", "error", "text"),
    [
        ({"object": "list", "data": []}, GridUnavailableError, "no price yet"),
        ({**ENERGY_CHARTS, "price": [1.0]}, GridRefusedError, "different lengths"),
        ({**ENERGY_CHARTS, "unit": "ct/kWh"}, GridRefusedError, "money per MWh"),
        ({**ENERGY_CHARTS, "unix_seconds": [START * 1000] * 3}, GridRefusedError, "timestamp"),
        ({"data": [AWATTAR["data"][0] | {"start_timestamp": 1e300}]}, GridRefusedError, "timestamp"),
    ],
    ids=["nothing published", "torn columns", "another unit", "milliseconds as seconds", "no time"],
)
async def test_answers_that_cannot_be_used(body, error, text):
    with pytest.raises(error, match=text):
        await fetch(body)
