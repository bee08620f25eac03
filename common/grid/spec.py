"""Sources named in one line of a setting: a kind, and then ``key=value`` pairs.

``electricity-maps zone=DE token-variable=EM_TOKEN`` or ``csv path=/etc/prices.csv unit=EUR/MWh``. A setting
that lists several of them lists them in the order in which they are preferred.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from common.clock import Clock, SystemClock
from common.grid.carbon_aware_sdk import CarbonAwareSdk
from common.grid.config_map import CarbonConfigMap
from common.grid.csv_file import CsvFile
from common.grid.electricity_maps import PUBLIC_URL as ELECTRICITY_MAPS_URL
from common.grid.electricity_maps import ElectricityMaps
from common.grid.entsoe import PUBLIC_URL as ENTSOE_URL
from common.grid.entsoe import EntsoE
from common.grid.http import Http
from common.grid.price_json import PriceJson
from common.grid.prometheus import PrometheusSeries
from common.grid.secret import SecretText
from common.grid.series import GRAMS_PER_KWH, Signal
from common.grid.source import GridSource
from common.grid.watttime import PUBLIC_URL as WATTTIME_URL
from common.grid.watttime import WattTime
from common.kube.client import Client
from common.telemetry.prometheus import PowerQueries


@dataclass(frozen=True)
class SourceContext:
    """What sources share.

    Attributes:
        http: For all services on the network.
        cluster: For the ConfigMap; None where there is no cluster.
        queries: For series in Prometheus; None where there is none.
        clock: Of all sources.
    """

    http: Http
    cluster: Client | None = None
    queries: PowerQueries | None = None
    clock: Clock = field(default_factory=SystemClock)


class _Options:
    """The pairs of one line; each must be read once."""

    def __init__(self, text: str, pairs: Mapping[str, str]) -> None:
        self._text = text
        self._left = dict(pairs)

    def take(self, key: str, default: str | None = None) -> str:
        value = self._left.pop(key, default)
        if value is None:
            raise ValueError(f"the grid source {self._text!r} lacks {key}=…")
        return value

    def secret(self, prefix: str) -> SecretText:
        secret = SecretText(self.take(f"{prefix}-variable", ""), self.take(f"{prefix}-file", ""))
        if not secret.variable and not secret.file:
            raise ValueError(f"the grid source {self._text!r} lacks {prefix}-variable=… or {prefix}-file=…")
        return secret

    def rest(self, prefix: str) -> dict[str, str]:
        keys = [key for key in self._left if key.startswith(prefix)]
        return {key.removeprefix(prefix): self._left.pop(key) for key in keys}

    def refuse_rest(self) -> None:
        if self._left:
            raise ValueError(f"the grid source {self._text!r} does not know {', '.join(sorted(self._left))}")


Maker = Callable[[_Options, SourceContext, Signal], GridSource]


def parse_source(text: str, signal: Signal, context: SourceContext) -> GridSource:
    """Returns the source that a line names.

    Args:
        text: Kind and pairs, separated by spaces.
        signal: What it is to tell.
        context: What it is built with.

    Raises:
        ValueError: The kind is unknown or tells another signal, or a pair is missing or unknown.
    """
    kind, *words = text.split()
    if kind not in _MAKERS:
        raise ValueError(f"unknown kind of grid source {kind!r}; known are {', '.join(sorted(_MAKERS))}")
    bad = [word for word in words if "=" not in word]
    if bad:
        raise ValueError(f"the grid source {text!r} has {bad[0]!r} where key=value belongs")
    options = _Options(text, dict(word.split("=", 1) for word in words))
    source = _MAKERS[kind](options, context, signal)
    options.refuse_rest()
    if source.signal is not signal:
        raise ValueError(f"the grid source {text!r} tells {source.signal}, not {signal}")
    return source


def _unit(options: _Options, signal: Signal) -> str:
    return options.take("unit", GRAMS_PER_KWH if signal is Signal.CARBON_INTENSITY else None)


def _csv(options: _Options, _: SourceContext, signal: Signal) -> GridSource:
    path = Path(options.take("path"))
    return CsvFile(path, signal, _unit(options, signal), options.take("column", ""), options.take("zone", ""))


def _config_map(options: _Options, context: SourceContext, _: Signal) -> GridSource:
    if context.cluster is None:
        raise ValueError("the grid source config-map needs a cluster; run where one can be reached")
    name, namespace = options.take("name", "carbon-intensity"), options.take("namespace", "kube-system")
    return CarbonConfigMap(context.cluster, name, namespace, options.take("key", "data"))


def _carbon_aware_sdk(options: _Options, context: SourceContext, _: Signal) -> GridSource:
    return CarbonAwareSdk(context.http, options.take("url"), options.take("location"))


def _electricity_maps(options: _Options, context: SourceContext, _: Signal) -> GridSource:
    url, factors = options.take("url", ELECTRICITY_MAPS_URL), options.take("emission-factors", "lifecycle")
    return ElectricityMaps(context.http, options.secret("token"), options.take("zone"), url, factors)


def _watttime(options: _Options, context: SourceContext, _: Signal) -> GridSource:
    user, password = options.secret("user"), options.secret("password")
    url = options.take("url", WATTTIME_URL)
    return WattTime(context.http, user, password, options.take("region"), url, context.clock)


def _price_json(options: _Options, context: SourceContext, _: Signal) -> GridSource:
    query = options.rest("query.")
    return PriceJson(context.http, options.take("url"), query, options.take("zone", ""))


def _entsoe(options: _Options, context: SourceContext, _: Signal) -> GridSource:
    token, url = options.secret("token"), options.take("url", ENTSOE_URL)
    return EntsoE(context.http, token, options.take("domain"), url, context.clock)


def _prometheus(options: _Options, context: SourceContext, signal: Signal) -> GridSource:
    if context.queries is None:
        raise ValueError("the grid source prometheus needs a Prometheus; set its address")
    expression, zone = options.take("expression"), options.take("zone", "")
    return PrometheusSeries(
        context.queries, expression, signal, _unit(options, signal), zone, clock=context.clock
    )


_MAKERS: Mapping[str, Maker] = {
    "carbon-aware-sdk": _carbon_aware_sdk,
    "config-map": _config_map,
    "csv": _csv,
    "electricity-maps": _electricity_maps,
    "entso-e": _entsoe,
    "price-json": _price_json,
    "prometheus": _prometheus,
    "watttime": _watttime,
}
