"""WattTime, version 3: marginal emissions.

Format: https://docs.watttime.org: ``GET /login`` with basic authentication answers ``{token}``, which holds
for 30 minutes; ``GET /v3/forecast?region=…&signal_type=co2_moer`` with it as a bearer token answers
``{data: [{point_time, value}], meta: {region, units: "lbs_co2_per_mwh", data_point_period_seconds, …}}``.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import msgspec

from common.clock import Clock, SystemClock
from common.grid.errors import GridRefusedError
from common.grid.http import Http, decode
from common.grid.instants import parse_instant
from common.grid.secret import SecretText
from common.grid.series import GRAMS_PER_KWH, GridPoint, GridSeries, Signal, ordered

PUBLIC_URL = "https://api.watttime.org"
# A pound is 453.59237 g exactly; lb/MWh is a thousandth of it per kWh.
GRAMS_PER_KWH_OF_POUNDS_PER_MWH = 0.45359237
_TOKEN_SECONDS = 25 * 60.0
_PERIOD_SECONDS = 300.0
_UNITS = "lbs_co2_per_mwh"


class _Login(msgspec.Struct, frozen=True):
    token: str


class _Value(msgspec.Struct, frozen=True):
    point_time: str
    value: float


class _Meta(msgspec.Struct, frozen=True):
    region: str = ""
    units: str = _UNITS
    data_point_period_seconds: float = _PERIOD_SECONDS


class _Answer(msgspec.Struct, frozen=True):
    data: list[_Value]
    meta: _Meta = _Meta()


@dataclass
class _Session:
    token: str = ""
    since: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True)
class WattTime:
    """Marginal carbon intensity: what one more kWh causes.

    Attributes:
        http: Shared client.
        user: Where the user name is.
        password: Where the password is.
        region: Grid region, such as ``CAISO_NORTH``.
        url: Base address without ``/v3``.
        clock: Tells how old the session's token is.
    """

    http: Http
    user: SecretText
    password: SecretText
    region: str
    url: str = PUBLIC_URL
    clock: Clock = field(default_factory=SystemClock)
    _session: _Session = field(default_factory=_Session, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Returns the dialect and the region."""
        return f"watttime {self.region}"

    @property
    def signal(self) -> Signal:
        """Returns carbon intensity."""
        return Signal.CARBON_INTENSITY

    async def fetch(self) -> GridSeries:
        """Asks for the current forecast, after a new login where the token is old or refused.

        Raises:
            GridUnavailableError: The service did not answer.
            GridRefusedError: Bad credentials or region, or another format or unit.
        """
        fresh = await self._log_in_if_old()
        try:
            answer = await self._ask()
        except GridRefusedError:
            if fresh:
                raise
            await self._log_in()
            answer = await self._ask()
        return self._series(answer)

    async def _log_in_if_old(self) -> bool:
        async with self._session.lock:
            young = self.clock.monotonic() - self._session.since < _TOKEN_SECONDS
            if self._session.token and young:
                return False
            await self._log_in()
            return True

    async def _log_in(self) -> None:
        credentials = self.user.read(), self.password.read()
        body = await self.http.get(f"{self.url.rstrip('/')}/login", basic=credentials)
        self._session.token = decode(body, _Login, self.name).token
        self._session.since = self.clock.monotonic()

    async def _ask(self) -> _Answer:
        body = await self.http.get(
            f"{self.url.rstrip('/')}/v3/forecast",
            query={"region": self.region, "signal_type": "co2_moer"},
            headers={"Authorization": f"Bearer {self._session.token}"},
        )
        return decode(body, _Answer, self.name)

    def _series(self, answer: _Answer) -> GridSeries:
        if answer.meta.units != _UNITS:
            raise GridRefusedError(f"{self.name} answers in {answer.meta.units}, not {_UNITS}")
        if not answer.data:
            raise GridRefusedError(f"{self.name} has no value; check the region and the plan")
        points = (
            GridPoint(
                parse_instant(each.point_time, self.name),
                answer.meta.data_point_period_seconds,
                each.value * GRAMS_PER_KWH_OF_POUNDS_PER_MWH,
            )
            for each in answer.data
        )
        return GridSeries(self.signal, GRAMS_PER_KWH, self.region, self.name, ordered(points))
