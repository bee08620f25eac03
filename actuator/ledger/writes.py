"""What the ledger asks for: one write to one object each, with the version that it builds upon."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from common.api.domain import Enforcement
from common.api.frequencies import PowerBudget


class Outcome(Enum):
    """How a write ended, as far as its sender knows."""

    SETTLED = "settled"
    """It landed, or another write did first: the cache will show which."""
    REFUSED = "refused"
    """It did not land and never will."""
    UNKNOWN = "unknown"
    """No answer came: it may have landed, or may yet land."""


@dataclass(frozen=True, slots=True)
class CreateFrequencies:
    """Makes the object of a node, without a budget: that follows on the uid which the object is given.

    A creation that lands late is harmless: it finds the object there, or makes one that promises nothing.
    """

    node: str
    reason: str


@dataclass(frozen=True, slots=True)
class WriteBudget:
    """Writes ``spec.powerBudget`` of a node, and where its labels put it."""

    node: str
    uid: str
    version: int
    budget: PowerBudget
    former_domain: str
    reason: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class FinishRelease:
    """Lets go of a node whose release was confirmed: takes the budget away, or deletes the object."""

    node: str
    uid: str
    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class WriteEnforcement:
    """Writes ``status.enforcement`` of a domain, the heartbeat included."""

    domain: str
    uid: str
    version: int
    enforcement: Enforcement


Write = CreateFrequencies | WriteBudget | FinishRelease | WriteEnforcement
