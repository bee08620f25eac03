"""The condition that names stale telemetry: source, age, remedy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from common.api.meta import Condition
from common.telemetry.freshness import Silence
from recommender.logic.text import listed
from recommender.model.telemetry import TelemetryState

TELEMETRY_STALE = "TelemetryStale"
TELEMETRY_SOURCE = "TelemetrySource"


def relevant(silences: Sequence[Silence], nodes: Collection[str]) -> list[Silence]:
    """Returns the silences that touch any of some nodes (or are tied to none)."""
    return [one for one in silences if not one.node or one.node in nodes]


def stale_condition(telemetry: TelemetryState, nodes: Collection[str]) -> Condition:
    """Returns ``TelemetryStale`` for an object that depends on some nodes."""
    if telemetry.problem:
        return Condition(
            type=TELEMETRY_STALE, status="True", reason="NoTelemetry",
            message=f"{telemetry.problem}. Nothing is raised until power can be read",
        )  # fmt: skip
    silent = relevant(telemetry.silences, nodes)
    if silent:
        return Condition(type=TELEMETRY_STALE, status="True", reason="SourceSilent", message=_say(silent))
    heard = f"sources: {', '.join(telemetry.sources) or 'none'}"
    notes = f"; note: {listed(telemetry.notes, 3)}" if telemetry.notes else ""
    return Condition(type=TELEMETRY_STALE, status="False", reason="Fresh", message=heard + notes)


def source_conditions(telemetry: TelemetryState) -> list[Condition]:
    """Returns ``TelemetrySource`` where power is read otherwise than by a Prometheus; else none."""
    if not telemetry.origin:
        return []
    return [Condition(type=TELEMETRY_SOURCE, status="True", reason="ReadDirectly", message=telemetry.origin)]


def _say(silent: Sequence[Silence]) -> str:
    by_source: dict[str, list[Silence]] = defaultdict(list)
    for one in sorted(silent, key=lambda one: -one.age_seconds):
        by_source[one.source].append(one)
    told = "; ".join(map(_say_source, by_source.values()))
    return f"{told}. Its values are not used, and nothing is raised until it is back"


def _say_source(silent: Sequence[Silence]) -> str:
    oldest = silent[0]
    where = listed(sorted({one.node or "the cluster" for one in silent}))
    # Ages are told in steps, so that a growing age alone does not rewrite the object.
    age = f"more than {_step(oldest.age_seconds)}"
    limit = f"limit {oldest.limit_seconds:g} s"
    return f"{oldest.source} has been silent for {age} ({limit}) on {where}: {oldest.remedy}"


def _step(seconds: float) -> str:
    steps = [(3600, "an hour"), (600, "10 minutes"), (60, "a minute"), (30, "30 s")]
    return next((text for limit, text in steps if seconds >= limit), "10 s")
