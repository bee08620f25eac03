"""What a domain's status says beyond its draw: inlets, placement, and how far it may be oversubscribed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from msgspec import UNSET, UnsetType

from common.api.domain import DomainOversubscription, Observed, PowerDomain
from common.api.meta import Condition
from common.domains.tree import DomainTree
from recommender.logic.domain_status import domain_draw
from recommender.logic.heat import hottest_inlet, room_of
from recommender.logic.oversubscription import oversubscribed
from recommender.model.rises import DomainRises
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


def with_advice(
    seen: Observed, tree: DomainTree, name: str, warmth: Warmth, promise: DomainOversubscription | UnsetType
) -> Observed:
    """Returns ``observed`` with inlet, placement score and what may be promised, where they are known."""
    hottest = hottest_inlet(tree, name, warmth.inlets)
    return msgspec.structs.replace(
        seen,
        hottest_inlet=UNSET if hottest is None else hottest,
        placement_score=warmth.scores.get(name, UNSET),
        oversubscription=promise,
    )


def promise_of(
    domain: PowerDomain, rises: DomainRises, cap_watts: int | None, nameplate_watts: int
) -> DomainOversubscription | UnsetType:
    """Returns what a domain may promise; nothing where its spec does not ask."""
    spec = domain.spec.oversubscription
    if spec is None:
        return UNSET
    return oversubscribed(spec, rises.of(domain.name), cap_watts, nameplate_watts)


def inlet_condition(domain: PowerDomain, inlets: Mapping[str, float]) -> Condition | None:
    """Returns whether the inlet keeps to its limit; None where there is no limit or no model of the heat."""
    limit, inlet = domain.spec.max_inlet_temperature, inlets.get(domain.name)
    if limit is None:
        return None
    if inlet is None:
        text = "spec.maxInletTemperature needs spec.heatRecirculation: give the terms of this domain's inlet"
        return Condition(type=INLET_TEMPERATURE, status="Unknown", reason="NoModel", message=text)
    told = f"the inlet is at {inlet:.0f} °C by the heat of what is drawn"
    if inlet <= limit:
        text = f"{told}, within {limit} °C"
        return Condition(type=INLET_TEMPERATURE, status="True", reason="WithinLimit", message=text)
    text = f"{told}, over {limit} °C: the draw falls as plans are obeyed; supply cooler air if it does not"
    return Condition(type=INLET_TEMPERATURE, status="False", reason="OverLimit", message=text)
