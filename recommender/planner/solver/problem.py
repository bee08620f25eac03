"""What the solver is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Choice: TypeAlias = NDArray[np.int64]
"""The column chosen in each row, shape (services,)."""

SLACK_WATTS = 1e-6
"""Rounding of sums of watts."""


@dataclass(frozen=True)
class Problem:
    """Options of every service, as rows of equal length.

    Attributes:
        watts: What each option may draw, shape (services, options); infinite where a row has fewer options.
        value: Its worth, same shape; minus infinity where a row has fewer options.
        cap_watts: For all services together; may be infinite.
        group: Which power domain each service draws from, shape (services,).
        group_cap_watts: Cap of each domain, shape (domains,); may be infinite.
    """

    watts: Floats
    value: Floats
    cap_watts: float
    group: Choice
    group_cap_watts: Floats

    @classmethod
    def under_one_cap(cls, watts: Floats, value: Floats, cap_watts: float) -> Problem:
        """Returns a problem without caps on domains."""
        return cls(watts, value, cap_watts, np.zeros(len(watts), dtype=np.int64), np.array([np.inf]))

    def chosen(self, table: Floats, choice: Choice) -> Floats:
        """Returns the chosen entry of each row of a table, shape (services,)."""
        return table[np.arange(len(choice)), choice]

    def slack_watts(self, choice: Choice) -> tuple[float, Floats]:
        """Returns what a choice leaves of the cap and of the domains' caps."""
        watts = self.chosen(self.watts, choice)
        sums = np.bincount(self.group, weights=watts, minlength=len(self.group_cap_watts))
        return self.cap_watts - float(watts.sum()), self.group_cap_watts - sums

    def fits(self, choice: Choice) -> bool:
        """Whether a choice holds every cap."""
        left, groups = self.slack_watts(choice)
        return left >= -SLACK_WATTS and bool((groups >= -SLACK_WATTS).all())

    def worth(self, choice: Choice) -> float:
        """Returns the worth of a choice."""
        return float(self.chosen(self.value, choice).sum())


@dataclass(frozen=True)
class Solution:
    """A choice that holds every cap, with what is proven about it.

    Attributes:
        choice: Column by row.
        gap: The optimum is better by at most this share of its worth.
        method: What found it: ``greedy`` or ``exact``.
        value_per_watt: What one more watt under the cap is worth; 0 where the cap does not bind.
    """

    choice: Choice
    gap: float
    method: str
    value_per_watt: float
