"""Inlet temperatures as constraints: what domains may draw so that no inlet is over its limit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from common.domains.tree import DomainTree
from common.heat import Recirculation, placement_scores, watts_under_limits
from common.heat.recirculation import Floats

_DEGREES_PER_WATT = 1e-6
"""Thousandths of a degree per kilowatt in degrees per watt."""


@dataclass(frozen=True)
class Room:
    """The recirculation that the domains tell.

    Attributes:
        inlets: Domains that have an inlet, that is a ``heatRecirculation``; sorted.
        sources: Domains whose draw warms one of them; sorted.
        heat: The matrix over both.
    """

    inlets: tuple[str, ...]
    sources: tuple[str, ...]
    heat: Recirculation

    def watts(self, by_domain: Mapping[str, float]) -> Floats:
        """Returns the watts of the sources; 0 for those not given."""
        return np.array([float(by_domain.get(name, 0.0)) for name in self.sources])

    def temperatures(self, draw: Mapping[str, float]) -> dict[str, float]:
        """Returns the inlet temperature of each inlet, in degrees Celsius."""
        return dict(zip(self.inlets, self.heat.inlets(self.watts(draw)).tolist(), strict=True))

    def scores(self, draw: Mapping[str, float]) -> dict[str, int]:
        """Returns how good a place for new load each source is, 0 to 100."""
        return dict(zip(self.sources, placement_scores(self.heat, self.watts(draw)).tolist(), strict=True))


def room_of(tree: DomainTree) -> Room | None:
    """Returns the room that the tree's domains tell of; None where none does."""
    told = {
        name: domain.spec.heat_recirculation
        for name, domain in sorted(tree.domains.items())
        if domain.spec.heat_recirculation and domain.spec.heat_recirculation.terms
    }
    if not told:
        return None
    sources = tuple(
        sorted({t.domain for one in told.values() for t in one.terms if t.domain in tree.domains})
    )
    column = {name: number for number, name in enumerate(sources)}
    matrix = np.zeros((len(told), len(sources)))
    for row, one in enumerate(told.values()):
        for term in one.terms:
            if term.domain in column:
                matrix[row, column[term.domain]] = term.millidegrees_per_kilowatt * _DEGREES_PER_WATT
    return Room(
        inlets=tuple(told),
        sources=sources,
        heat=Recirculation(
            supply=np.array([float(one.supply_temperature) for one in told.values()]),
            degrees_per_watt=matrix,
            limit=np.array([_limit(tree, name) for name in told]),
        ),
    )


def _limit(tree: DomainTree, inlet: str) -> float:
    """Returns the lowest limit of a domain and those above it, in degrees Celsius; infinite for none."""
    limits = (tree.domains[name].spec.max_inlet_temperature for name in tree.chain(inlet))
    return min((float(limit) for limit in limits if limit is not None), default=math.inf)


@dataclass(frozen=True)
class Wish:
    """Watts by domain, those of all nodes under it together.

    Attributes:
        floor: What they cannot be held under.
        asked: What they would like.
        ceiling: What they could draw.
    """

    floor: Mapping[str, float]
    asked: Mapping[str, float]
    ceiling: Mapping[str, float]


def thermal_caps(room: Room, wish: Wish) -> dict[str, int]:
    """Returns caps in whole watts under which no inlet can get over its limit, whoever draws what.

    What is asked for comes first, as far as the limits allow; what is left goes up to the ceilings, since a
    division may give more than was asked for. Domains that may draw their ceiling get no cap.
    """
    if not np.isfinite(room.heat.limit).any():
        return {}
    ceiling = room.watts(wish.ceiling)
    served = watts_under_limits(room.heat, room.watts(wish.asked), room.watts(wish.floor))
    allowed = watts_under_limits(room.heat, ceiling, served)
    return {
        name: math.floor(watts + 1e-6)
        for name, watts, most in zip(room.sources, allowed.tolist(), ceiling.tolist(), strict=True)
        if watts < most
    }


def hottest_inlet(tree: DomainTree, name: str, temperatures: Mapping[str, float]) -> int | None:
    """Returns the highest inlet of a domain and those below it, rounded up; None where none is known."""
    found = [temperatures[one] for one in tree.descendants(name) if one in temperatures]
    return math.ceil(max(found) - 1e-9) if found else None
