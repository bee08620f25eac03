"""Electricity Maps, version 3.

Format: https://portal.electricitymaps.com/developer-hub/api/reference: the header ``auth-token``;
``GET /v3/carbon-intensity/history?zone=…`` answers ``{zone, history: [{carbonIntensity, datetime, …}]}`` of
the last 24 hours, ``GET /v3/carbon-intensity/forecast?zone=…`` answers
``{zone, forecast: [{carbonIntensity, datetime}], updatedAt}``; gCO2eq/kWh, life cycle unless asked otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from common.grid.errors import GridRefusedError
from common.grid.http import Http, decode
from common.grid.instants import parse_instant, spacing_seconds
from common.grid.secret import SecretText
from common.grid.series import GRAMS_PER_KWH, GridPoint, GridSeries, Signal, ordered

PUBLIC_URL = "https://api.electricitymaps.com"


class _Value(msgspec.Struct, rename="camel", frozen=True):
    datetime: str
    carbon_intensity: float | None = None


class _Answer(msgspec.Struct, frozen=True):
    zone: str = ""
    history: list[_Value] = []
    forecast: list[_Value] = []


@dataclass(frozen=True)
class ElectricityMaps:
    """Carbon intensity of the last day, and the forecast where the plan of the token includes it.

    Attributes:
        http: Shared client.
        token: Where the API token is.
        zone: Zone key, such as ``DE`` or ``US-CAL-CISO``.
        url: Base address without ``/v3``.
        emission_factors: ``lifecycle`` or ``direct``.
    """

    http: Http
    token: SecretText
    zone: str
    url: str = PUBLIC_URL
    emission_factors: str = "lifecycle"

    @property
    def name(self) -> str:
        """Returns the dialect and the zone."""
        return f"electricity-maps {self.zone}"

    @property
    def signal(self) -> Signal:
        """Returns carbon intensity."""
        return Signal.CARBON_INTENSITY

    async def fetch(self) -> GridSeries:
        """Asks for the past and the forecast.

        Raises:
            GridUnavailableError: The service did not answer.
            GridRefusedError: Bad token or zone, or another format. A refused forecast alone is no error.
        """
        past = (await self._ask("history")).history
        try:
            ahead = (await self._ask("forecast")).forecast
        except GridRefusedError:
            ahead = []
        # Measured values come last: they win over a forecast of the same hour.
        values = [value for value in (*ahead, *past) if value.carbon_intensity is not None]
        if not values:
            raise GridRefusedError(f"{self.name} has no value; check the zone and what the token includes")
        starts = [parse_instant(value.datetime, self.name) for value in values]
        seconds = spacing_seconds(sorted(starts))
        points = (
            GridPoint(start, seconds, value.carbon_intensity or 0.0)
            for start, value in zip(starts, values, strict=True)
        )
        return GridSeries(self.signal, GRAMS_PER_KWH, self.zone, self.name, ordered(points))

    async def _ask(self, what: str) -> _Answer:
        body = await self.http.get(
            f"{self.url.rstrip('/')}/v3/carbon-intensity/{what}",
            query={"zone": self.zone, "emissionFactorType": self.emission_factors},
            headers={"auth-token": self.token.read()},
        )
        return decode(body, _Answer, self.name)
