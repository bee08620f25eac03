"""What the node shall do now, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Course(StrEnum):
    """The five things that an agent can be doing about budgets."""

    UNTOUCHED = "Untouched"
    """No grant was ever seen: devices stay as found, but for explicit set points."""
    HOLD = "Hold"
    """Just started, the cluster not yet read: limits stay as set, nothing is raised."""
    OBEY = "Obey"
    """The grant, scaled by what the domains above demand."""
    BASE = "Base"
    """Nobody vouches for the grant: base."""
    RELEASE = "Release"
    """The node is let go: originals go back."""


@dataclass(frozen=True)
class Claim:
    """A sequence of an object, as the agent may confirm it once its devices obey."""

    uid: str
    sequence: int
    grant_watts: int


@dataclass(frozen=True)
class Verdict:
    """A decision about the node's budget.

    Attributes:
        course: What to do.
        reason: CamelCase reason, for conditions and metrics.
        message: The same in plain words, with watts.
        budget_watts: What the node may draw; None where no budget holds.
        may_raise: Whether any limit may be raised under it.
        claim: What may be confirmed once the devices obey; None while nothing may be.
        scale: The part of grant over base that the domains leave.
        lease_left_seconds: Until the node falls to base without a heartbeat; None where there is no lease.
    """

    course: Course
    reason: str
    message: str
    budget_watts: int | None = None
    may_raise: bool = True
    claim: Claim | None = None
    scale: Fraction = Fraction(1)
    lease_left_seconds: float | None = None
