"""Counts that actions use up: disruptions left to the rate, replicas, disruption budgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from actuator.ladder.scene import Option


@dataclass
class Counts:
    """What is left of each count in this round; every action taken uses it up at once.

    Attributes:
        initial: Tells how much of a count there was at the start of the round.
    """

    initial: Callable[[str], int]
    _used: dict[str, int] = field(default_factory=dict)

    def exhausted(self, option: Option) -> str:
        """Returns the first count that an option would overdraw; empty where it may be taken."""
        wanted = option.action.disruptions
        return next((claim for claim in option.claims if self.left(claim) < wanted), "")

    def left(self, claim: str) -> int:
        """Returns what is left of a count."""
        return self.initial(claim) - self._used.get(claim, 0)

    def use(self, option: Option) -> None:
        """Takes what an option needs."""
        for claim in option.claims:
            self._used[claim] = self._used.get(claim, 0) + option.action.disruptions
