"""Day-ahead prices as JSON: the two shapes that free services of Europe answer in.

Formats: https://www.awattar.de/services/api, milliseconds in ``{data: [{start_timestamp, end_timestamp,
marketprice, unit}]}``; https://api.energy-charts.info, ``{unix_seconds: […], price: […], unit}``. Both tell
money per MWh.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from common.grid.errors import GridRefusedError, GridUnavailableError
from common.grid.http import Http, decode
from common.grid.instants import instant_of, spacing_seconds
from common.grid.series import GridPoint, GridSeries, Signal, ordered

_MILLISECONDS = 1000.0


class _Auction(msgspec.Struct, frozen=True):
    start_timestamp: float
    end_timestamp: float
    marketprice: float
    unit: str = "EUR/MWh"


class _Answer(msgspec.Struct, frozen=True):
    data: list[_Auction] = []
    unix_seconds: list[float] = []
    price: list[float | None] = []
    unit: str = "EUR/MWh"


@dataclass(frozen=True)
class PriceJson:
    """Published prices of today and, after the auction, of tomorrow.

    Attributes:
        http: Shared client.
        url: Whole address without query.
        query: Parameters, such as the bidding zone.
        zone: For display.
    """

    http: Http
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    zone: str = ""

    @property
    def name(self) -> str:
        """Returns the dialect and the zone."""
        return f"price-json {self.zone}".rstrip()

    @property
    def signal(self) -> Signal:
        """Returns price."""
        return Signal.PRICE

    async def fetch(self) -> GridSeries:
        """Asks once.

        Raises:
            GridUnavailableError: The service did not answer, or nothing is published.
            GridRefusedError: Another format or unit.
        """
        answer = decode(await self.http.get(self.url, query=self.query), _Answer, self.name)
        points = _auctions(answer.data, self.name) if answer.data else _columns(answer, self.name)
        if not points:
            raise GridUnavailableError(f"{self.name} has no price yet; check the zone, or ask later")
        unit = answer.data[0].unit if answer.data else answer.unit
        return GridSeries(self.signal, _unit(unit, self.name), self.zone, self.name, ordered(points))


def _auctions(auctions: list[_Auction], origin: str) -> list[GridPoint]:
    return [
        GridPoint(
            instant_of(each.start_timestamp / _MILLISECONDS, origin),
            (each.end_timestamp - each.start_timestamp) / _MILLISECONDS,
            each.marketprice,
        )
        for each in auctions
    ]


def _columns(answer: _Answer, origin: str) -> list[GridPoint]:
    if len(answer.unix_seconds) != len(answer.price):
        raise GridRefusedError(f"{origin} answers unix_seconds and price of different lengths")
    starts = [instant_of(each, origin) for each in answer.unix_seconds]
    seconds = spacing_seconds(sorted(starts))
    return [
        GridPoint(start, seconds, price)
        for start, price in zip(starts, answer.price, strict=True)
        if price is not None
    ]


def _unit(text: str, origin: str) -> str:
    money, _, energy = text.replace(" ", "").partition("/")
    if energy.lower() != "mwh" or not money:
        raise GridRefusedError(f"{origin} answers in {text!r}, not in money per MWh")
    return f"{money.upper()}/MWh"
