"""A GPU that pods hold: its bounds, its draw, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass

HELD_AT = 0.95
"""A draw this near to its limit does not show the demand: the limit does."""


@dataclass(frozen=True)
class Board:
    """A GPU that a policy's pods hold, in watts and MHz; a shared one counts in full for each policy.

    ``limit_watts`` is what it is held to now, 0 where it runs at its full power.
    """

    uuid: str
    node: str
    draw_watts: float
    floor_watts: int
    ceiling_watts: int
    ask_watts: int
    limit_watts: int
    max_frequency: int

    @property
    def held(self) -> bool:
        """Whether its draw shows its limit rather than the demand."""
        return self.limit_watts > 0 and self.draw_watts >= HELD_AT * self.limit_watts
