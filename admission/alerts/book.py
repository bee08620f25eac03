"""Which alerts there are: a fact becomes one alert, held until it is surely over. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from admission.alerts.facts.fact import Fact
from common.alerts.notice import SEVERITIES, Notice
from common.api.meta import Struct, parse_time, rfc3339


@dataclass(frozen=True)
class Patience:
    """How long facts must hold and be gone.

    Attributes:
        fire_after_seconds: A fact that passes sooner is no alert.
        resolve_after_seconds: A fact that comes back sooner is still the same alert.
    """

    fire_after_seconds: float
    resolve_after_seconds: float


class Alert(Struct, frozen=True):
    """A fact that has been seen.

    Attributes:
        notice: What it says, in its latest words.
        seen_at: When it was last seen.
        firing: Whether it has held for long enough.
    """

    notice: Notice
    seen_at: str
    firing: bool = False


class AlertBook:
    """Turns what holds at each look into what is new: alerts that begin, worsen or end."""

    def __init__(self, patience: Patience, alerts: Iterable[Alert] = ()) -> None:
        self._patience = patience
        self._alerts = {alert.notice.fingerprint: alert for alert in alerts}

    def alerts(self) -> list[Alert]:
        """Returns all that is known, to be kept over a restart."""
        return list(self._alerts.values())

    def firing(self) -> list[Notice]:
        """Returns the alerts that fire."""
        return [alert.notice for alert in self._alerts.values() if alert.firing]

    def observe(self, facts: Iterable[Fact], now: datetime) -> list[Notice]:
        """Takes in all that holds now and returns what is to be told."""
        held = {fact.fingerprint: fact for fact in sorted(facts, key=_rank)}
        told = [notice for fact in held.values() if (notice := self._see(fact, now))]
        gone = [alert for key, alert in self._alerts.items() if key not in held]
        return told + [notice for alert in gone if (notice := self._miss(alert, now))]

    def _see(self, fact: Fact, now: datetime) -> Notice | None:
        old = self._alerts.get(fact.fingerprint)
        started = old.notice.started_at if old else rfc3339(now)
        notice = _notice(fact, started)
        held = _seconds_since(started, now) >= self._patience.fire_after_seconds
        firing = held or (old is not None and old.firing)
        self._alerts[fact.fingerprint] = Alert(notice=notice, seen_at=rfc3339(now), firing=firing)
        if not firing:
            return None
        begins = old is None or not old.firing
        worsens = old is not None and _severity(notice) > _severity(old.notice)
        return notice if begins or worsens else None

    def _miss(self, alert: Alert, now: datetime) -> Notice | None:
        if alert.firing and _seconds_since(alert.seen_at, now) < self._patience.resolve_after_seconds:
            return None
        del self._alerts[alert.notice.fingerprint]
        return msgspec.structs.replace(alert.notice, ended_at=alert.seen_at) if alert.firing else None


def _rank(fact: Fact) -> int:
    return SEVERITIES.index(fact.severity)


def _severity(notice: Notice) -> int:
    return SEVERITIES.index(notice.severity)


def _notice(fact: Fact, started_at: str) -> Notice:
    return Notice(
        fingerprint=fact.fingerprint,
        name=fact.name,
        severity=fact.severity,
        subject=fact.subject,
        group=fact.group,
        summary=fact.summary,
        detail=fact.detail,
        advice=fact.advice,
        started_at=started_at,
    )


def _seconds_since(text: str, now: datetime) -> float:
    moment = parse_time(text)
    return (now - moment).total_seconds() if moment else float("inf")
