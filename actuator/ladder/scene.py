"""What the ladder sees: subjects with their draw and cap, and what could be done for each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from actuator.gate.refusal import Refusal
from actuator.ladder.action import Action, Rung


@dataclass(frozen=True, slots=True)
class Level:
    """A subject's draw and cap, in watts.

    Attributes:
        subject: ``policy/NAMESPACE/NAME``, ``node/NAME`` or ``domain/NAME``.
        draw_watts: Measured.
        cap_watts: What must hold.
        foreseen_watts: Upper bound of what is expected; at least the draw.
    """

    subject: str
    draw_watts: int
    cap_watts: int
    foreseen_watts: int = 0

    @property
    def excess_watts(self) -> int:
        """Measured watts over the cap; 0 under it."""
        return max(0, self.draw_watts - self.cap_watts)

    def room_watts(self, hysteresis_percent: int) -> int:
        """Watts up to a little under the cap, from what is drawn or expected; negative where none are."""
        limit = self.cap_watts * (100 - hysteresis_percent) // 100
        return limit - max(self.draw_watts, self.foreseen_watts)


@dataclass(frozen=True, slots=True)
class Option:
    """An action that could be taken.

    Attributes:
        action: What would be done; its ``relief_watts`` are what the simulation gave.
        priority: Lowest goes first: the policy's, then the pod's own.
        claims: The counts that it would use, ``action.disruptions`` of each.
    """

    action: Action
    priority: tuple[int, int] = (0, 0)
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declined:
    """Something that may not, or would not help to, be done.

    Attributes:
        rung: Which rung it belongs to.
        refusal: Why.
        policy: ``namespace/name`` of the policy whose lever it would be; empty where none is concerned.
        target: The object; empty for the rung as a whole.
    """

    rung: Rung
    refusal: Refusal
    policy: str = ""
    target: str = ""


@dataclass(frozen=True)
class Subject:
    """A subject with all that could be done for it.

    Attributes:
        level: Draw and cap.
        options: By rung.
        declined: What could not, with the reason.
        self_acting: Rungs above the devices that are at work without the ladder: it only waits for them.
        in_flight_watts: Relief of actions whose effect cannot be measured yet.
    """

    level: Level
    options: Mapping[Rung, Sequence[Option]] = field(default_factory=dict)
    declined: Sequence[Declined] = ()
    self_acting: Set[Rung] = frozenset()
    in_flight_watts: int = 0
