"""Where pods could move in a round: what is known of nodes and domains, and which moves are under way."""

from __future__ import annotations

from typing import cast

from actuator.gate.refusal import Refusal
from actuator.input.levels import DOMAIN, split
from actuator.input.picture import Picture
from actuator.input.round import Pods
from actuator.placement.choose import Site, choose_place
from actuator.placement.movable import bound_to_its_node
from common.api.core import Pod
from common.api.placement import PlacedPod
from common.api.places import read_places


class Destinations:
    """Gives places away for one round; the same pod gets the same place again.

    Args:
        picture: What is known.
        pods: Local copies of pods, by namespace and by node.
    """

    def __init__(self, picture: Picture, pods: Pods) -> None:
        self._tree = picture.tree
        self._site = Site(picture.nodes, picture.domains, picture.tree, pods.pods_on, pods.pods_in)
        self._given: dict[str, str] = {}
        self._moving = frozenset(
            place.workload for policy in picture.policies for place in read_places(policy).values()
        )

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
