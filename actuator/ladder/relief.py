"""What stopping a pod would free, worked out beforehand: what its neighbours take up counts against it.

A node under a budget shares it among its pods: where they are held under what they would draw, watts that one
of them leaves go to the others at once. This is the fluid limit of what the simulated nodes of the twin do,
where each device draws the lower of its load and its share.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PodDraw:
    """A pod's watts: what it draws, and what it would draw if its node's budget let it."""

    watts: int
    wanted_watts: int

    @property
    def hunger_watts(self) -> int:
        """Watts that it would take up if they came free."""
        return max(0, self.wanted_watts - self.watts)


def relief_watts(pod: PodDraw, neighbours: Iterable[PodDraw], *, shared_budget: bool) -> int:
    """Returns the watts that are freed for good when a pod stops.

    Args:
        pod: The pod that would stop.
        neighbours: The other pods on its node whose draw counts under the same cap.
        shared_budget: Whether the node hands out watts that one pod leaves to the others.
    """
    hunger = sum(other.hunger_watts for other in neighbours) if shared_budget else 0
    return max(0, pod.watts - min(pod.watts, hunger))
