"""From one set of ceilings to the next without going over the cap in between. Pure.

At every moment a service is booked at the larger of the pods that it has (old and new ones, terminating ones
too) and of what its owner lets there be beside those that end, each at the most watts that one may draw.
Ceilings are lowered at once; one is raised only as far as that keeps the sum of all bookings within the cap,
so it waits until the pods under the lowered ones are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.api.core import ObjectReference


@dataclass(frozen=True)
class Service:
    """One owner of a count.

    Attributes:
        owner: Whose fields bound it.
        bound: The most replicas that those let there be now.
        wanted: The most that they should.
        alive: Pods that draw or may come to draw, terminating ones included.
        ending: Those of them that are told to end: new ones are made beside them, without waiting.
        surge: Pods that a rollout under way may still make beyond the bound.
        watts: The most that one replica may draw.
        advised: Whether the advice names it; others are raised after those.
    """

    owner: ObjectReference
    bound: int
    wanted: int
    alive: int
    ending: int = 0
    surge: int = 0
    watts: int = 0
    advised: bool = True

    def booked_watts(self, bound: int | None = None) -> int:
        """Returns what the service may come to draw, under its bound or under another one."""
        most = self.bound if bound is None else bound
        return max(self.alive, most + self.beside if most else self.alive) * self.watts

    @property
    def beside(self) -> int:
        """Pods that may be there beyond the bound."""
        return self.surge + self.ending


@dataclass(frozen=True)
class Step:
    """A ceiling to be written now."""

    service: Service
    ceiling: int


def next_steps(cap_watts: int | None, services: Sequence[Service]) -> list[Step]:
    """Returns the ceilings that may be written now.

    Args:
        cap_watts: What the services may draw together; None where nothing bounds them.
        services: All services under the cap, those that are as wanted included.
    """
    lower = [Step(one, one.wanted) for one in services if one.wanted < one.bound]
    return lower + list(_raises(cap_watts, services))


def _raises(cap_watts: int | None, services: Sequence[Service]) -> Iterable[Step]:
    room = None if cap_watts is None else cap_watts - sum(one.booked_watts() for one in services)
    low = [one for one in services if one.wanted > one.bound]
    for service in sorted(low, key=lambda one: (not one.advised, one.wanted - one.bound)):
        ceiling = service.wanted if room is None else _highest(service, room)
        if ceiling > service.bound:
            yield Step(service, ceiling)
            if room is not None:
                room -= service.booked_watts(ceiling) - service.booked_watts()


def _highest(service: Service, room_watts: int) -> int:
    """Returns the highest ceiling, up to the wanted one, whose booking fits into the room."""
    if service.watts <= 0:
        return service.wanted
    pods = (service.booked_watts() + room_watts) // service.watts
    return min(service.wanted, pods - service.beside)
