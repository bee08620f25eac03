"""How old heartbeats are, such that neither a clock step nor a suspend can make one younger."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from common.api.meta import parse_time


@dataclass(frozen=True)
class Moment:
    """One instant on both clocks. ``server`` is the wall clock corrected by the API server's ``Date``."""

    monotonic: float
    server: datetime


@dataclass(frozen=True)
class _Beat:
    text: str
    seen_at: float
    age_when_seen: float


class Heartbeats:
    """The newest heartbeat of each domain, ageing by whichever clock says that it is older.

    The monotonic clock stands still while a machine sleeps, and the wall clock can be set back; each covers
    for the other.
    """

    def __init__(self) -> None:
        self._beats: dict[str, _Beat] = {}

    def seen(self, domain: str, heartbeat_time: str, now: Moment) -> None:
        """Notes a domain's ``heartbeatTime``; only a change is news."""
        known = self._beats.get(domain)
        if known is None or known.text != heartbeat_time:
            age = max(_wall_age(heartbeat_time, now), 0.0)
            self._beats[domain] = _Beat(heartbeat_time, now.monotonic, age)

    def age_seconds(self, domain: str, now: Moment) -> float:
        """Returns the age of a domain's heartbeat; infinite for one that was never seen or cannot be read."""
        beat = self._beats.get(domain)
        if beat is None:
            return math.inf
        lived = beat.age_when_seen + (now.monotonic - beat.seen_at)
        return max(lived, _wall_age(beat.text, now))


def _wall_age(heartbeat_time: str, now: Moment) -> float:
    moment = parse_time(heartbeat_time)
    return math.inf if moment is None else (now.server - moment).total_seconds()
