"""The WebApi of the Green Software Foundation's Carbon Aware SDK.

Format: https://github.com/Green-Software-Foundation/carbon-aware-sdk, docs/carbon-aware-webapi.md:
``GET /emissions/forecasts/current?location=…`` answers a list with one forecast per location, whose
``forecastData`` holds records ``{location, timestamp, duration, value}`` in minutes and g/kWh.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from common.grid.emissions_record import EmissionsRecord, series_of
from common.grid.errors import GridRefusedError
from common.grid.http import Http, decode
from common.grid.series import GridSeries, Signal


class _Forecast(msgspec.Struct, rename="camel", frozen=True):
    location: str = ""
    forecast_data: list[EmissionsRecord] = []


@dataclass(frozen=True)
class CarbonAwareSdk:
    """Carbon intensity as an SDK server in the cluster forecasts it.

    Attributes:
        http: Shared client.
        url: Base address of the WebApi.
        location: Named location, as the SDK knows it.
    """

    http: Http
    url: str
    location: str

    @property
    def name(self) -> str:
        """Returns the dialect and the location."""
        return f"carbon-aware-sdk {self.location}"

    @property
    def signal(self) -> Signal:
        """Returns carbon intensity."""
        return Signal.CARBON_INTENSITY

    async def fetch(self) -> GridSeries:
        """Asks for the current forecast.

        Raises:
            GridUnavailableError: The server did not answer.
            GridRefusedError: It does not know the location, or answers in another format.
        """
        url = f"{self.url.rstrip('/')}/emissions/forecasts/current"
        body = await self.http.get(url, query={"location": self.location})
        forecasts = decode(body, list[_Forecast], self.name)
        if not forecasts:
            raise GridRefusedError(f"{self.name} has no forecast; check the location and its data source")
        return series_of(forecasts[0].forecast_data, self.name)
