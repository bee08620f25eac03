"""The recorded draw of policies and domains, read once at a start: what usually happens."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from common.api.meta import object_key
from common.models.ahead import AheadSettings, SeriesPast
from common.telemetry.columns import Floats, Labels
from common.telemetry.dialects.dialect import first_label
from common.telemetry.errors import TelemetryError
from common.telemetry.prometheus import PowerQueries
from recommender.input.history import POLICY_WATTS
from recommender.model.names import domain_series, load_series, policy_series

log = logging.getLogger(__name__)

DOMAIN_WATTS = "climatik_domain_watts"
POLICY_TOKENS = "climatik_policy_tokens_per_second"
CHUNK_SECONDS = 86400.0
"""A day of five-minute steps is 288 points a series: servers allow 11,000, but bound samples of a query."""


@dataclass(frozen=True)
class Family:
    """A metric that the recommender exports itself, and how its labels name a series."""

    metric: str
    by: str
    name: Callable[[Labels], str]


def _policy_key(labels: Labels) -> str:
    # Without honorLabels the policy's namespace is in `exported_namespace`.
    return object_key(labels.get("policy", ""), first_label(labels, "exported_namespace", "namespace"))


_BY_POLICY = "namespace, exported_namespace, policy"
FAMILIES = (
    Family(POLICY_WATTS, _BY_POLICY, lambda labels: policy_series(_policy_key(labels))),
    Family(DOMAIN_WATTS, "domain", lambda labels: domain_series(labels.get("domain", ""))),
    Family(POLICY_TOKENS, _BY_POLICY, lambda labels: load_series(_policy_key(labels))),
)


async def read_past(
    prometheus: PowerQueries, family: Family, at: float, settings: AheadSettings
) -> SeriesPast | None:
    """Reads two weeks of one family in five-minute columns, a day at a time.

    Args:
        prometheus: Whom to ask.
        family: What for.
        at: Unix seconds of the end.
        settings: Columns and how many.

    Returns:
        None where nothing is recorded. Days that cannot be read are gaps: the log names them.
    """
    step = settings.column_seconds
    end = at // step * step
    days = list(_days(end, settings))
    parts: dict[str, dict[str, Floats]] = {}
    for number, (first, last) in enumerate(days, 1):
        try:
            read = await _read_day(prometheus, family, first, last, step)
        except TelemetryError as error:
            log.warning("a day of history is missing", extra={"metric": family.metric, "error": str(error)})
            continue
        _place(parts, read, round((first - days[0][0]) / step), settings.columns)
        if not parts:
            continue
        log.info(
            "reading history",
            extra={"metric": family.metric, "day": number, "of": len(days), "series": len(parts)},
        )
    if not parts:
        return None
    names = sorted(parts)
    means, peaks, levels = (
        np.stack([parts[name][kind] for name in names]) for kind in ("avg", "max", "level")
    )
    return SeriesPast(names, end, means, peaks, levels)


def _days(end: float, settings: AheadSettings) -> Iterator[tuple[float, float]]:
    """Yields the ends of the first and the last column of each day, oldest day first."""
    start = end - settings.columns * settings.column_seconds
    while start < end:
        last = min(start + CHUNK_SECONDS, end)
        yield start + settings.column_seconds, last
        start = last


async def _read_day(
    prometheus: PowerQueries, family: Family, first: float, last: float, step: float
) -> dict[str, dict[str, Floats]]:
    window = f"{family.metric}[{step:.0f}s]"
    questions = {
        "avg": f"avg_over_time({window})",
        "max": f"max_over_time({window})",
        "level": family.metric,
    }
    found: dict[str, dict[str, Floats]] = {}
    for kind, expression in questions.items():
        # Two recommenders may export the same object; a restart changes the instance: one series for all.
        query = f"max by ({family.by}) ({expression})"
        matrix = await prometheus.query_range(query, start=first, end=last, step_seconds=step)
        for labels, values in zip(matrix.labels, matrix.values, strict=True):
            found.setdefault(family.name(labels), {})[kind] = values
    return found


def _place(
    parts: dict[str, dict[str, Floats]], read: Mapping[str, Mapping[str, Floats]], start: int, columns: int
) -> None:
    for name, kinds in read.items():
        whole = parts.setdefault(name, {kind: np.full(columns, np.nan) for kind in ("avg", "max", "level")})
        for kind, values in kinds.items():
            positive = np.where(values > 0, values, np.nan)[: columns - start]
            whole[kind][start : start + positive.size] = positive
