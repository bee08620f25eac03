"""Any HTTP endpoint, by CloudEvents 1.0 in binary mode: attributes as headers, the notice as body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

import aiohttp
import msgspec

from common.alerts.http_post import HttpPoster
from common.alerts.notice import Notice

_SOURCE: Final = "/climatik/alerts"
_PLAIN: Final = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')
"""Characters that the HTTP binding leaves as they are; all others are percent-encoded."""


class CloudEventsSink:
    """Posts one event for each notice; a repeat bears the same id, by which receivers can tell."""

    name = "cloudevents"
    largest_batch = 1
    resend_seconds = 0.0

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str = "") -> None:
        self._poster = HttpPoster(session, url, {"Authorization": f"Bearer {token}"} if token else None)

    async def send(self, notices: Sequence[Notice]) -> None:
        """See :class:`common.alerts.sink.Sink`."""
        for notice in notices:
            await self._poster.post(msgspec.json.encode(notice), headers(notice))


def headers(notice: Notice) -> dict[str, str]:
    """Returns the attributes of a notice's event as HTTP headers."""
    attributes = {
        "specversion": "1.0",
        "id": f"{notice.fingerprint}-{notice.started_at}-{notice.severity}-{notice.state}",
        "source": _SOURCE,
        "type": f"io.climatik.alert.{notice.state}",
        "time": notice.ended_at or notice.started_at,
        "subject": notice.where,
    }
    return {f"ce-{name}": quote(value, safe=_PLAIN) for name, value in attributes.items()}
