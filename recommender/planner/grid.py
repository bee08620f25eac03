"""What a kilowatt-hour costs, and the carbon it brings: now, and in the next hours."""

from __future__ import annotations

import asyncio
import logging
import math
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from common.clock import Clock
from common.grid.cache import CachedSource, GridReading
from common.grid.errors import GridUnavailableError
from common.grid.fallback import GridFeed
from common.grid.http import Http
from common.grid.outlook import hourly_values
from common.grid.series import GridSeries, Signal
from common.grid.spec import SourceContext, parse_source
from common.kube.client import Client
from common.service.options import SettingsError
from common.telemetry.prometheus import PowerQueries
from recommender.planner.config import PlanSettings, weights_of
from recommender.planner.service_state import Weights

log = logging.getLogger(__name__)

_FLAGS = {Signal.CARBON_INTENSITY: "--carbon-sources", Signal.PRICE: "--price-sources"}
_PER_MEGAWATT_HOUR = 1000.0


class Grid:
    """The last readings of both signals; what no source tells is as the settings say.

    Args:
        settings: Weights, and how often to look.
        feeds: By signal; one that is absent has no source.
        clock: The time.
        registry: For gauges of what holds now.
    """

    def __init__(
        self, settings: PlanSettings, feeds: dict[Signal, GridFeed], clock: Clock, registry: CollectorRegistry
    ) -> None:
        self._settings = settings
        self._base = weights_of(settings)
        self._feeds = feeds
        self._clock = clock
        self._read: dict[Signal, GridReading] = {}
        self._stale = Gauge(
            "climatik_planner_grid_stale", "Whether a grid signal is too old, or was never told (0 or 1).",
            ["signal"], registry=registry,
        )  # fmt: skip
        self._failures = Counter(
            "climatik_planner_grid_failures_total", "Looks at which no source told a signal.", ["signal"],
            registry=registry,
        )  # fmt: skip

    async def run(self) -> None:
        """Looks again and again until cancelled; without sources there is nothing to look at."""
        while self._feeds:
            await self.read()
            await asyncio.sleep(self._settings.grid_seconds)

    async def read(self) -> None:
        """Looks once; a signal that nobody tells keeps its last reading."""
        for signal, feed in self._feeds.items():
            try:
                self._read[signal] = await feed.read()
            except GridUnavailableError as error:
                self._failures.labels(signal.value).inc()
                log.warning("a grid signal is not told", extra={"signal": signal.value, "error": str(error)})
            told = self._read.get(signal)
            self._stale.labels(signal.value).set(told is None or told.stale)

    def weights(self) -> Weights:
        """Returns the weights of the present hour; a value that is not told stays as the settings say."""
        price, carbon = self._now(Signal.PRICE), self._now(Signal.CARBON_INTENSITY)
        return replace(
            self._base,
            usd_per_kwh=self._base.usd_per_kwh if price is None else max(0.0, price / _PER_MEGAWATT_HOUR),
            gco2_per_kwh=self._base.gco2_per_kwh if carbon is None else max(0.0, carbon),
        )

    def hours(self, signal: Signal, start: datetime, count: int) -> list[float]:
        """Returns hourly means from ``start`` on (price per MWh, grams per kWh); NaN where unknown."""
        series = self._series(signal)
        return [math.nan] * count if series is None else hourly_values(series, start, count)

    def _now(self, signal: Signal) -> float | None:
        series = self._series(signal)
        return None if series is None else series.at(self._clock.now())

    def _series(self, signal: Signal) -> GridSeries | None:
        told = self._read.get(signal)
        return None if told is None else told.series


async def open_grid(
    settings: PlanSettings, stack: AsyncExitStack, cluster: Client, queries: PowerQueries | None,
    clock: Clock, registry: CollectorRegistry,
) -> Grid:  # fmt: skip
    """Returns what the settings name, not read yet; its connections are closed with the stack.

    Raises:
        SettingsError: A source is unknown or lacks something; the message names the flag.
    """
    http = await stack.enter_async_context(Http())
    context = SourceContext(http, cluster, queries, clock)
    lines = {Signal.CARBON_INTENSITY: settings.carbon_sources, Signal.PRICE: settings.price_sources}
    feeds = {
        signal: GridFeed([_source(one, signal, context) for one in named])
        for signal, text in lines.items()
        if (named := [one.strip() for one in text.split(";") if one.strip()])
    }
    return Grid(settings, feeds, clock, registry)


def _source(text: str, signal: Signal, context: SourceContext) -> CachedSource:
    try:
        return CachedSource(parse_source(text, signal, context), clock=context.clock)
    except ValueError as error:
        raise SettingsError(f"{_FLAGS[signal]}: {error}") from None
