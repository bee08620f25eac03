"""WattTime v3, as its documentation shows it (docs.watttime.org)."""

import base64

import pytest

from common.grid.errors import GridRefusedError
from common.grid.secret import SecretText
from common.grid.watttime import WattTime
from tests.fakes.clock import FakeClock
from tests.unit.grid.dialect_server import serving

FORECAST = {
    "data": [
        {"point_time": "2026-05-01T10:00:00+00:00", "value": 1000.0},
        {"point_time": "2026-05-01T10:05:00+00:00", "value": 500.0},
    ],
    "meta": {
        "data_point_period_seconds": 300, "region": "CAISO_NORTH", "signal_type": "co2_moer",
        "units": "lbs_co2_per_mwh", "generated_at": "2026-05-01T09:55:00+00:00",
        "model": {"date": "2026-03-01"},
    },
}  # fmt: skip


class Account:
    """Hands out numbered tokens and accepts only the last one."""

    def __init__(self):
        self.logins = 0

    def login(self, request):
        assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"ada:pass word").decode()
        self.logins += 1
        return 200, {"token": f"token-{self.logins}"}

    def forecast(self, request):
        if request.headers["Authorization"] != f"Bearer token-{self.logins}":
            return 401, {"error": "expired"}
        return 200, FORECAST


@pytest.fixture
def account(monkeypatch):
    monkeypatch.setenv("WT_USER", "ada")
    monkeypatch.setenv("WT_PASSWORD", "pass word")
    return Account()


def source(http, url, clock=None):
    secrets = SecretText(variable="WT_USER"), SecretText(variable="WT_PASSWORD")
    return WattTime(http, *secrets, "CAISO_NORTH", url=url, clock=clock or FakeClock())


def answers(account):
    return {"/login": account.login, "/v3/forecast": account.forecast}


async def test_pounds_per_megawatt_hour_become_grams_per_kilowatt_hour(account):
    async with serving(answers(account)) as (server, http):
        series = await source(http, server.url).fetch()
    assert [point.value for point in series.points] == pytest.approx([453.59237, 226.796185])
    assert [point.seconds for point in series.points] == [300, 300]
    assert server.queries("/v3/forecast") == [{"region": "CAISO_NORTH", "signal_type": "co2_moer"}]


async def test_one_login_serves_until_its_token_is_old(account):
    clock = FakeClock()
    async with serving(answers(account)) as (server, http):
        watttime = source(http, server.url, clock)
        await watttime.fetch()
        await watttime.fetch()
        assert account.logins == 1
        clock.advance(26 * 60)
        await watttime.fetch()
        assert account.logins == 2


async def test_a_token_that_is_refused_early_is_renewed_once(account):
    async with serving(answers(account)) as (server, http):
        watttime = source(http, server.url)
        await watttime.fetch()
        account.logins += 1  # somebody else logged in: ours no longer counts
        await watttime.fetch()
    assert account.logins == 3


async def test_a_region_outside_the_plan_is_refused_without_endless_logins(account):
    refusing = {"/login": account.login, "/v3/forecast": (403, {"error": "INVALID_SCOPE"})}
    async with serving(refusing) as (server, http):
        with pytest.raises(GridRefusedError, match="plan"):
            await source(http, server.url).fetch()
    assert account.logins == 1


async def test_another_unit_is_refused_not_misread(account):
    other = {**FORECAST, "meta": {**FORECAST["meta"], "units": "percentile"}}
    async with serving({"/login": account.login, "/v3/forecast": (200, other)}) as (server, http):
        with pytest.raises(GridRefusedError, match="percentile"):
            await source(http, server.url).fetch()
