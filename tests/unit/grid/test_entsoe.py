"""Price documents (A44) of the ENTSO-E transparency platform, as its RESTful API guide describes them."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from common.grid.entsoe import EntsoE, parse_document
from common.grid.errors import GridRefusedError, GridUnavailableError
from common.grid.secret import SecretText
from tests.fakes.clock import FakeClock
from tests.unit.grid.dialect_server import serving

DOMAIN = "10Y1001A1001A82H"
HOUR = ("2026-01-01T00:00Z", "2026-01-01T01:00Z")


def document(*periods, curve="A01", namespace="7:3"):
    series = "".join(
        f"<TimeSeries><currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>MWH"
        f"</price_Measure_Unit.name><curveType>{curve}</curveType>{period}</TimeSeries>"
        for period in periods
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Publication_MarketDocument '
        f'xmlns="urn:iec62325.351:tc57wg16:451-3:publicationdocument:{namespace}"><type>A44</type>'
        f"{series}</Publication_MarketDocument>"
    ).encode()


def period(start, end, minutes, prices):
    points = "".join(
        f"<Point><position>{position}</position><price.amount>{price}</price.amount></Point>"
        for position, price in prices.items()
    )
    return (
        f"<Period><timeInterval><start>{start}</start><end>{end}</end></timeInterval>"
        f"<resolution>PT{minutes}M</resolution>{points}</Period>"
    )


def refusal(text):
    return (
        '<Acknowledgement_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-1:acknowledgementdocument:7:0">'
        f"<Reason><code>999</code><text>{text}</text></Reason></Acknowledgement_MarketDocument>"
    ).encode()


def parsed(body):
    return parse_document(body, DOMAIN, "entso-e")


def test_positions_become_hours_from_the_start_of_the_period():
    series = parsed(document(period("2026-01-01T23:00Z", "2026-01-02T02:00Z", 60, {1: 74.78, 2: -6, 3: 52})))
    assert [(point.start.hour, point.value) for point in series.points] == [(23, 74.78), (0, -6), (1, 52)]
    assert series.unit == "EUR/MWh"


def test_a_position_left_out_repeats_the_price_before_it():
    body = document(period("2026-01-01T23:00Z", "2026-01-02T03:00Z", 60, {1: 50, 3: 20}), curve="A03")
    assert [point.value for point in parsed(body).points] == [50, 50, 20, 20]


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [("2026-03-28T23:00Z", "2026-03-29T22:00Z", 23), ("2026-10-24T22:00Z", "2026-10-25T23:00Z", 25)],
    ids=["clocks go forward", "clocks go back"],
)
def test_days_of_23_and_25_hours_have_as_many_prices(start, end, hours):
    body = document(period(start, end, 60, {hour: hour for hour in range(1, hours + 1)}))
    points = parsed(body).points
    assert len(points) == hours
    assert all(later.start == earlier.end for earlier, later in pairwise(points))


def test_quarters_win_over_hours_of_the_same_time():
    quarters = period("2026-01-01T00:00Z", "2026-01-01T01:00Z", 15, {1: 1, 2: 2, 3: 3, 4: 4})
    hours = period("2026-01-01T00:00Z", "2026-01-01T02:00Z", 60, {1: 99, 2: 50})
    for order in ((quarters, hours), (hours, quarters)):
        series = parsed(document(*order))
        assert series.at(datetime(2026, 1, 1, 0, 5, tzinfo=UTC)) == 1
        assert series.at(datetime(2026, 1, 1, 1, 5, tzinfo=UTC)) == 50


@pytest.mark.parametrize(
    ("body", "error", "text"),
    [
        (refusal("No matching data found"), GridUnavailableError, "No matching data found"),
        (document(), GridUnavailableError, "no price yet"),
        (b"<html/>", GridRefusedError, "answers a html"),
        (b"not xml", GridRefusedError, "no XML"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a/>', GridRefusedError, "document type"),
        (document(period(*HOUR, "x", {})), GridRefusedError, "resolution"),
        (document(period(*HOUR, "0", {1: 2})), GridRefusedError, "resolution"),
        (document(period("yesterday", "2026-01-01T01:00Z", 60, {1: 2})), GridRefusedError, "timestamp"),
        (document(period(*HOUR, 60, {"": 2})), GridRefusedError, "point"),
    ],
    ids=["no data", "no series", "html", "text", "entities", "resolution", "no length", "start", "position"],
)
def test_what_is_no_price_document(body, error, text):
    with pytest.raises(error, match=text):
        parsed(body)


async def test_the_platform_is_asked_for_yesterday_to_tomorrow(monkeypatch):
    monkeypatch.setenv("ENTSOE", "se cret&token")
    body = document(period("2026-01-01T00:00Z", "2026-01-01T01:00Z", 60, {1: 7}))
    clock = FakeClock(datetime(2026, 1, 1, 15, 20, tzinfo=UTC))
    async with serving({"/api": (200, body)}) as (server, http):
        source = EntsoE(http, SecretText(variable="ENTSOE"), DOMAIN, url=server.url + "/api", clock=clock)
        await source.fetch()
    assert server.queries("/api") == [
        {
            "securityToken": "se cret&token", "documentType": "A44",
            "in_Domain": DOMAIN, "out_Domain": DOMAIN,
            "periodStart": "202512310000", "periodEnd": "202601030000",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [(401, b"no"), (503, b"later"), ("hang", b"")],
    ids=["bad token", "overloaded", "silent"],
)
async def test_no_error_quotes_the_token_in_the_query(monkeypatch, answer):
    monkeypatch.setenv("ENTSOE", "hush-hush")
    async with serving({"/api": answer}, deadline_seconds=0.2) as (server, http):
        source = EntsoE(http, SecretText(variable="ENTSOE"), DOMAIN, url=server.url + "/api")
        with pytest.raises((GridRefusedError, GridUnavailableError)) as failed:
            await source.fetch()
        assert "hush-hush" not in f"{failed.value} {failed.value.__cause__} {source!r}"
