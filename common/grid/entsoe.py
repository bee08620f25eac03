"""Day-ahead prices of the ENTSO-E transparency platform (document type A44).

Format: https://transparency.entsoe.eu, RESTful API guide: ``GET /api`` with ``securityToken``,
``documentType=A44``, ``in_Domain``, ``out_Domain``, ``periodStart`` and ``periodEnd`` (yyyyMMddHHmm) answers
a ``Publication_MarketDocument`` with ``TimeSeries/Period/{timeInterval, resolution, Point/{position,
price.amount}}``, or an ``Acknowledgement_MarketDocument`` that says why not. In the curve type A03 a position
that is left out repeats the price before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.etree import ElementTree as Xml

from common.clock import Clock, SystemClock
from common.grid.errors import GridRefusedError, GridUnavailableError
from common.grid.http import Http
from common.grid.instants import parse_instant
from common.grid.secret import SecretText
from common.grid.series import GridPoint, GridSeries, Signal, ordered

PUBLIC_URL = "https://web-api.tp.entsoe.eu/api"
_RESOLUTION = re.compile(r"PT(\d+)M")
_SECONDS_PER_MINUTE = 60.0
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class EntsoE:
    """Published prices of a bidding zone, yesterday to tomorrow.

    Attributes:
        http: Shared client.
        token: Where the security token is.
        domain: EIC code of the bidding zone, such as ``10Y1001A1001A82H`` for DE-LU.
        url: Address of the API.
        clock: Tells which days to ask for.
    """

    http: Http
    token: SecretText
    domain: str
    url: str = PUBLIC_URL
    clock: Clock = field(default_factory=SystemClock)

    @property
    def name(self) -> str:
        """Returns the dialect and the bidding zone."""
        return f"entso-e {self.domain}"

    @property
    def signal(self) -> Signal:
        """Returns price."""
        return Signal.PRICE

    async def fetch(self) -> GridSeries:
        """Asks once.

        Raises:
            GridUnavailableError: The platform did not answer, or nothing is published.
            GridRefusedError: Bad token or zone, or another format.
        """
        today = self.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        query = {
            "securityToken": self.token.read(),
            "documentType": "A44",
            "in_Domain": self.domain,
            "out_Domain": self.domain,
            "periodStart": f"{today - _DAY:%Y%m%d%H%M}",
            "periodEnd": f"{today + 2 * _DAY:%Y%m%d%H%M}",
        }
        return parse_document(await self.http.get(self.url, query=query), self.domain, self.name)


def parse_document(body: bytes, zone: str, origin: str) -> GridSeries:
    """Returns the prices of a document.

    Raises:
        GridUnavailableError: The platform has no data for the zone and the days.
        GridRefusedError: It is not such a document.
    """
    root = _parse(body, origin)
    if root.tag == "Acknowledgement_MarketDocument":
        reason = root.findtext("Reason/text", "no reason given")
        raise GridUnavailableError(f"{origin}: {reason[:200]}; check the zone's EIC code, or ask later")
    if root.tag != "Publication_MarketDocument":
        raise GridRefusedError(f"{origin} answers a {root.tag}; check the address")
    points = [point for period in root.iterfind("TimeSeries/Period") for point in _points(period, origin)]
    if not points:
        raise GridUnavailableError(f"{origin} has no price yet; check the zone's EIC code, or ask later")
    money = root.findtext("TimeSeries/currency_Unit.name", "EUR")
    return GridSeries(Signal.PRICE, f"{money}/MWh", zone, origin, ordered(_finest_last(points)))


def _parse(body: bytes, origin: str) -> Xml.Element:
    # A market document declares no entities; without a declaration none can be expanded.
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise GridRefusedError(f"{origin} answers XML with a document type, which no price document has")
    try:
        root = Xml.fromstring(body)  # noqa: S314 - entities are refused above
    except Xml.ParseError as error:
        raise GridRefusedError(f"{origin} answers no XML: {error}; check the address") from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _points(period: Xml.Element, origin: str) -> Iterator[GridPoint]:
    resolution = _RESOLUTION.fullmatch(period.findtext("resolution", ""))
    if not resolution or not int(resolution[1]):
        raise GridRefusedError(f"{origin} has a period whose resolution is not in minutes")
    seconds = int(resolution[1]) * _SECONDS_PER_MINUTE
    start = parse_instant(period.findtext("timeInterval/start", ""), origin)
    end = parse_instant(period.findtext("timeInterval/end", ""), origin)
    prices = dict(_positions(period, origin))
    price: float | None = None
    for position in range(round((end - start).total_seconds() / seconds)):
        price = prices.get(position + 1, price)
        if price is not None:
            yield GridPoint(_later(start, position * seconds), seconds, price)


def _positions(period: Xml.Element, origin: str) -> Iterator[tuple[int, float]]:
    for point in period.iterfind("Point"):
        try:
            yield int(point.findtext("position", "")), float(point.findtext("price.amount", ""))
        except ValueError as error:
            raise GridRefusedError(f"{origin} has a point without position and price") from error


def _later(start: datetime, seconds: float) -> datetime:
    return start + timedelta(seconds=seconds)


def _finest_last(points: list[GridPoint]) -> list[GridPoint]:
    """Orders so that, where a zone publishes hours and quarters, the quarters win."""
    return sorted(points, key=lambda point: -point.seconds)
