"""What the ladder may ask of a lever, and what the lever answers: the seam between decision and deed."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from common.api.core import ObjectReference


class Rung(IntEnum):
    """Rungs of the ladder, lowest disruption first."""

    DEVICES = 0
    """Limits and clocks, held by grants and set points: the ladder only waits for them."""
    CEILING = 1
    """A replica ceiling at the owner of the count."""
    MIGRATE = 2
    """Evict with a reserved place elsewhere."""
    EVICT = 3
    """Evict for good, as long as the breach lasts."""


@dataclass(frozen=True)
class Action:
    """One step, small enough to be taken or refused as a whole.

    `key` names the step and nothing else (policy, rung and target), so that the same decision made twice
    is one action. `relief_watts` is what the ladder expects of it; `disruptions` is how many pods stop.
    """

    key: str
    rung: Rung
    policy: tuple[str, str]
    """Namespace and name of the policy whose levers allow it."""
    target: ObjectReference
    """The owner of the count for a ceiling; the pod for a migration or an eviction."""
    relief_watts: int
    disruptions: int
    reason: str
    ceiling: int | None = None
    """Replicas, for a ceiling; None gives the original back."""
    destination: str = ""
    """The node that a migration reserves a place on."""
    domain: str = ""
    """The power domain whose disruption budget it counts in."""
    node: str = ""
    """Where a pod runs."""


@dataclass(frozen=True)
class Outcome:
    """What became of an action: taken, or refused with a reason (CamelCase) and a sentence."""

    action: Action
    taken: bool
    reason: str
    message: str
    requests: int = 0
    """API requests that it cost."""
    retry_after_seconds: float = 0.0
    details: dict[str, str] = field(default_factory=dict)


class Lever(Protocol):
    """One way to free watts. A refusal is an outcome; only what is broken raises (a `KubeError`)."""

    rung: Rung

    async def take(self, action: Action) -> Outcome:
        """Take one action; taking it twice changes nothing more."""
        ...
