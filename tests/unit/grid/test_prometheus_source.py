"""Any series of a Prometheus, through the telemetry client and the query API's JSON."""

from datetime import UTC, datetime

import pytest

from common.grid.errors import GridRefusedError, GridUnavailableError
from common.grid.prometheus import PrometheusSeries
from common.grid.series import Signal
from common.telemetry.prometheus import Prometheus, PrometheusSettings
from tests.fakes.clock import FakeClock
from tests.unit.grid.dialect_server import serving

PATH = "/api/v1/query_range"
NOW = datetime(2026, 1, 1, 5, 40, tzinfo=UTC)
NOON = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


def answer(*series):
    result = [{"metric": {"zone": str(place)}, "values": values} for place, values in enumerate(series)]
    return 200, {"status": "success", "data": {"resultType": "matrix", "result": result}}


async def fetch(reply):
    async with serving({PATH: reply}) as (server, _):
        settings = PrometheusSettings(server.url, most_tries=1)
        async with Prometheus(settings) as queries:
            source = PrometheusSeries(
                queries, "grid_price", Signal.PRICE, "EUR/MWh", past_seconds=6 * 3600, clock=FakeClock(NOW)
            )
            return await source.fetch()


async def test_samples_hold_for_the_step_that_begins_with_them():
    series = await fetch(answer([[NOON + 4 * 3600, "41.5"], [NOON + 5 * 3600, "42"]]))
    assert series.at(NOW) == 42
    assert [point.value for point in series.points] == [41.5, 42]


@pytest.mark.parametrize(
    ("reply", "error", "text"),
    [
        (answer(), GridUnavailableError, "no value"),
        (answer([[NOON, "1"]], [[NOON, "2"]]), GridRefusedError, "2 series; aggregate"),
        (
            (400, {"status": "error", "errorType": "bad_data", "error": "parse error"}),
            GridRefusedError,
            "parse",
        ),
        (
            (503, {"status": "error", "errorType": "unavailable", "error": "starting"}),
            GridUnavailableError,
            "503",
        ),
    ],
    ids=["no series", "several series", "bad expression", "starting"],
)
async def test_what_is_not_one_series(reply, error, text):
    with pytest.raises(error, match=text):
        await fetch(reply)
