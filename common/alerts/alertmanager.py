"""Alertmanager, by its v2 API: firing alerts are sent again and again, ended ones with their end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import aiohttp
import msgspec

from common.alerts.http_post import HttpPoster
from common.alerts.notice import Notice
from common.api.meta import rfc3339
from common.clock import Clock

_MISSED_SENDS: Final = 4
"""An alert that is not sent again for so many intervals ends by itself, as with Prometheus's own."""


class AlertmanagerSink:
    """Posts to one Alertmanager; each member of a cluster of them is a sink of its own."""

    largest_batch = 1000

    def __init__(
        self, session: aiohttp.ClientSession, url: str, clock: Clock, *, name: str, resend_seconds: float
    ) -> None:
        self.name = name
        self.resend_seconds = resend_seconds
        self._clock = clock
        self._poster = HttpPoster(session, f"{url.rstrip('/')}/api/v2/alerts")

    async def send(self, notices: Sequence[Notice]) -> None:
        """See :class:`common.alerts.sink.Sink`."""
        valid_until = rfc3339(self._clock.now() + timedelta(seconds=_MISSED_SENDS * self.resend_seconds))
        await self._poster.post(msgspec.json.encode([as_alert(each, valid_until) for each in notices]))


def as_alert(notice: Notice, valid_until: str) -> dict[str, Any]:
    """Returns an alert as Alertmanager takes it; only labels tell one alert from another."""
    labels = {
        "alertname": f"Climatik{notice.name}",
        "severity": notice.severity,
        "kind": notice.subject.kind,
        "name": notice.subject.name,
        "namespace": notice.subject.namespace,
    }
    texts = {"summary": notice.summary, "description": notice.detail, "advice": notice.advice}
    return {
        "labels": {key: value for key, value in labels.items() if value},
        "annotations": {key: value for key, value in texts.items() if value},
        "startsAt": notice.started_at,
        "endsAt": notice.ended_at or valid_until,
    }
