"""How far up the ladder a subject is: deadlines on the way up, hysteresis on the way down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from actuator.ladder.action import Rung
from actuator.ladder.scene import Subject
from actuator.ladder.settings import LadderSettings


@dataclass(frozen=True, slots=True)
class Stand:
    """A subject's place.

    Attributes:
        rung: The highest rung that may be used.
        since: Since when it has been in breach on this rung, without a break.
        calm_since: Since when it has been well under its cap; None while it is not.
        breached_since: Since when it has been over its cap; None while it is not.
    """

    rung: Rung
    since: datetime
    calm_since: datetime | None = None
    breached_since: datetime | None = None

    @property
    def begun(self) -> datetime:
        """When the present breach began, as far as this leader knows."""
        return self.breached_since or self.since


def advance(stand: Stand | None, subject: Subject, now: datetime, settings: LadderSettings) -> Stand | None:
    """Returns where a subject stands now; None for one that needs nothing.

    Up: a rung has until its deadline, unless all that it offers could not cure the breach; then the next one
    is used at once. Down: one rung at a time, each after a quiet time.
    """
    if subject.level.excess_watts > 0:
        return _climb(stand or Stand(Rung.DEVICES, now), subject, now, settings)
    return None if stand is None else _descend(stand, subject, now, settings)


def _climb(stand: Stand, subject: Subject, now: datetime, settings: LadderSettings) -> Stand:
    rung, since = stand.rung, stand.since
    while rung < Rung.EVICT and (now - since >= settings.deadlines[rung] or not _can_cure(rung, subject)):
        rung, since = Rung(rung + 1), now
    return Stand(rung, since, breached_since=stand.breached_since or now)


def _can_cure(rung: Rung, subject: Subject) -> bool:
    """Whether a rung may be enough; those that act by themselves are given their time."""
    if rung is Rung.DEVICES or rung in subject.self_acting:
        return True
    offered = sum(option.action.relief_watts for option in subject.options.get(rung, ()))
    return subject.in_flight_watts + offered >= subject.level.excess_watts


def _descend(stand: Stand, subject: Subject, now: datetime, settings: LadderSettings) -> Stand | None:
    if subject.level.room_watts(settings.hysteresis_percent) < 0:
        return Stand(stand.rung, now)
    calm_since = stand.calm_since or now
    if now - calm_since < settings.hold:
        return Stand(stand.rung, now, calm_since)
    if stand.rung is Rung.DEVICES:
        return None
    return Stand(Rung(stand.rung - 1), now, now)
