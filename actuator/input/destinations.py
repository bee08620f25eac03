"""Where pods could move in a round: what is known of nodes and domains, and which moves are under way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from actuator.gate.refusal import Refusal
from actuator.input.levels import DOMAIN, split
from actuator.input.picture import Picture
from actuator.input.round import Round
from actuator.ladder.action import Rung
from actuator.placement.choose import Site, choose_place
from actuator.placement.movable import bound_to_its_node
from actuator.placement.progress import MOVING
from common.api.core import Pod
from common.api.decisions import INTENDED, TAKEN
from common.api.meta import parse_time
from common.api.placement import PlacedPod
from common.api.places import read_places


class Destinations:
    """Gives places away for one round; the same pod gets the same place again."""

    def __init__(self, round_: Round) -> None:
        picture, pods = round_.picture, round_.pods
        self._tree = picture.tree
        self._site = Site(picture.nodes, picture.domains, picture.tree, pods.pods_on, pods.pods_in)
        self._given: dict[str, str] = {}
        self._moving = frozenset((*_noted(picture), *_begun(round_)))

    def is_moving(self, workload: str) -> bool:
        """Whether a pod of a workload (``namespace/Kind/name``) is on its way."""
        return workload in self._moving

    def place_for(self, subject: str, pod: Pod, watts: int) -> str | Refusal:
        """Returns the node that a pod could move to so that a subject's draw falls, or why there is none."""
        placed = cast("PlacedPod", pod)
        bound = bound_to_its_node(placed)
        if bound is not None:
            return bound
        relieved = frozenset(self._relieved(subject))
        known = self._given.get(pod.metadata.uid)
        if known is not None and known not in relieved:
            return known
        place = choose_place(self._site, placed, watts, relieved)
        if isinstance(place, str):
            self._given[pod.metadata.uid] = place
        return place

    def _relieved(self, subject: str) -> list[str]:
        kind, key = split(subject)
        return self._tree.nodes_of(key) if kind == DOMAIN else [key]


def _noted(picture: Picture) -> Iterator[str]:
    """Yields the workloads for a pod of which a policy notes a place."""
    for policy in picture.policies:
        yield from (place.workload for place in read_places(policy).values())


def _begun(round_: Round) -> Iterator[str]:
    """Yields the workloads whose move began so lately that the local copies may not show its note yet."""
    since = round_.moment.now - round_.ladder.settling
    for one in round_.record.decisions:
        at = parse_time(one.at)
        is_open = one.verdict == INTENDED or (one.verdict == TAKEN and one.reason == MOVING)
        if one.rung == Rung.MIGRATE.name and is_open and at is not None and at > since:
            yield one.workload
