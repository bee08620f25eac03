"""What a domain's status says beyond its draw: inlets, placement, and how far it may be oversubscribed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec import UNSET

from common.api.domain import Oversubscription, PowerDomain
from common.api.meta import Condition
from common.domains.tree import DomainTree
from recommender.logic.domain_status import domain_draw, stamp
from recommender.logic.domains import DomainReport
from recommender.logic.heat import hottest_inlet, room_of
from recommender.logic.oversubscription import oversubscribed
from recommender.model.rises import Seen
from recommender.model.telemetry import TelemetryState
from recommender.model.world import World

INLET_TEMPERATURE = "InletTemperature"


@dataclass(frozen=True)
class Warmth:
    """The room at the present draw; empty where no domain tells of its heat.

    Attributes:
        inlets: Temperature of each inlet in degrees Celsius, by domain.
        scores: How good a place for new load each domain is, 0 to 100.
    """

    inlets: Mapping[str, float]
    scores: Mapping[str, int]


NO_WARMTH = Warmth({}, {})


def feel_warmth(tree: DomainTree, world: World, telemetry: TelemetryState) -> Warmth:
    """Works out the inlets of all domains at what is drawn now; unmeasured nodes count at nameplate."""
    room = room_of(tree)
    if room is None:
        return NO_WARMTH
    draw = {name: domain_draw(tree, name, world.nodes, telemetry).watts for name in room.sources}
    return Warmth(room.temperatures(draw), room.scores(draw))


def advise_domain(
    report: DomainReport, domain: PowerDomain, tree: DomainTree, warmth: Warmth, now: datetime
) -> DomainReport:
    """Returns a report with the inlet and the placement score, where they are known."""
    hottest = hottest_inlet(tree, domain.name, warmth.inlets)
    seen = msgspec.structs.replace(
        report.observed,
        hottest_inlet=UNSET if hottest is None else hottest,
        placement_score=warmth.scores.get(domain.name, UNSET),
    )
    condition = inlet_condition(domain, hottest)
    more = stamp(domain, [condition], now) if condition else []
    return DomainReport(seen, [*report.conditions, *more])


def with_promise(
    report: DomainReport, spec: Oversubscription, seen: Seen | None, cap_watts: int | None,
    nameplate_watts: int,
) -> DomainReport:  # fmt: skip
    """Returns a report that says what may be promised beyond the cap."""
    promise = oversubscribed(spec, seen, cap_watts, nameplate_watts)
    return DomainReport(msgspec.structs.replace(report.observed, oversubscription=promise), report.conditions)


def inlet_condition(domain: PowerDomain, hottest: int | None) -> Condition | None:
    """Returns whether the inlets of a domain keep to its limit; None where there is no limit."""
    limit = domain.spec.max_inlet_temperature
    if limit is None:
        return None
    if hottest is None:
        text = (
            "spec.maxInletTemperature needs spec.heatRecirculation here or below: give the terms of an inlet"
        )
        return Condition(type=INLET_TEMPERATURE, status="Unknown", reason="NoModel", message=text)
    told = f"the hottest inlet is at {hottest} °C by the heat of what is drawn"
    if hottest <= limit:
        text = f"{told}, within {limit} °C"
        return Condition(type=INLET_TEMPERATURE, status="True", reason="WithinLimit", message=text)
    text = f"{told}, over {limit} °C: the draw falls as plans are obeyed; supply cooler air if it does not"
    return Condition(type=INLET_TEMPERATURE, status="False", reason="OverLimit", message=text)
