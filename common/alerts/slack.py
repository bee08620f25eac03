"""Slack, by incoming webhook."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp
import msgspec

from common.alerts.http_post import HttpPoster
from common.alerts.notice import Notice
from common.alerts.slack_blocks import message


class SlackSink:
    """Posts one message for each batch; the address is the secret."""

    name = "slack"
    largest_batch = 40
    resend_seconds = 0.0

    def __init__(self, session: aiohttp.ClientSession, url: str, *, buttons: bool = False) -> None:
        self._poster = HttpPoster(session, url)
        self._buttons = buttons

    async def send(self, notices: Sequence[Notice]) -> None:
        """See :class:`common.alerts.sink.Sink`."""
        await self._poster.post(msgspec.json.encode(message(notices, buttons=self._buttons)))
