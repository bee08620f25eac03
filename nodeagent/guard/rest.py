"""What the rest of a node (memory, fans, cards, losses) may draw beside devices that draw so much. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class RestStep:
    """A lower bound on the way: ``watts`` beside devices that draw at most ``device_watts`` together."""

    device_watts: int
    watts: int


@dataclass(frozen=True)
class RestModel:
    """An upper bound on the draw of the rest, which never falls when devices draw more.

    Attributes:
        seen_watts: The bound up to ``device_watts``, above the last of ``steps``.
        device_watts: The draw of all devices together up to which that was seen to hold.
        follow_ratio: By how many watts the rest can rise with each watt that devices draw beyond that.
        highest_watts: What the rest cannot exceed, whatever devices draw.
        steps: Lower bounds below ``device_watts``, both of their figures rising.
    """

    seen_watts: int
    device_watts: int
    follow_ratio: float
    highest_watts: int
    steps: tuple[RestStep, ...] = ()

    def bound_watts(self, device_watts: float) -> int:
        """Returns the most that the rest may draw while devices draw at most so much together."""
        for step in self.steps:
            if device_watts <= step.device_watts:
                return min(step.watts, self.highest_watts)
        beyond = max(device_watts - self.device_watts, 0.0)
        return min(math.ceil(round(self.seen_watts + self.follow_ratio * beyond, 6)), self.highest_watts)

    def aside_watts(self, budget_watts: int) -> int:
        """Returns what of a budget must be kept for the rest beside all that devices may draw.

        The largest E with ``E + bound_watts(E) <= budget_watts`` is the devices': the highest step that has
        room for any, or what lies above all steps.
        """
        left = self._above_steps(budget_watts)
        if self.steps and left <= self.steps[-1].device_watts:
            left = self._within_steps(budget_watts)
        return budget_watts - left

    def _above_steps(self, budget_watts: int) -> int:
        """The same without steps: the bound has two pieces then, and it is enough to stay under either."""
        left = budget_watts - min(self.seen_watts, self.highest_watts)
        if left > self.device_watts:
            left = math.floor((left + self.follow_ratio * self.device_watts) / (1.0 + self.follow_ratio))
        return max(left, budget_watts - self.highest_watts)

    def _within_steps(self, budget_watts: int) -> int:
        left = budget_watts
        for below, step in zip((None, *self.steps), self.steps, strict=False):
            room = min(budget_watts - min(step.watts, self.highest_watts), step.device_watts)
            if below is not None and room <= below.device_watts:
                break
            left = room
        return left


def fixed_rest(watts: int) -> RestModel:
    """Returns the model of a rest of which only its highest draw is known."""
    return RestModel(seen_watts=watts, device_watts=0, follow_ratio=0.0, highest_watts=watts)
