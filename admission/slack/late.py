"""Answers that come after Slack stopped to wait: posted to the address that the request brought along."""

from __future__ import annotations

import asyncio
import logging
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import msgspec

from admission.slack.metrics import SlackMetrics
from admission.slack.reply import Reply
from common.alerts.http_post import HttpPoster
from common.alerts.sink import SinkFailed, SinkRefused

log = logging.getLogger(__name__)

_PAUSES_SECONDS: Final = (0.0, 1.0, 4.0)
"""Before each attempt; the address takes five answers within half an hour."""


class LateAnswers:
    """Posts answers; only to Slack itself, whatever a request says.

    Args:
        session: Shared by the process.
        api_url: Slack's Web API; addresses have to be of its host, or of one below.
        metrics: Counts what became of them.
    """

    def __init__(self, session: aiohttp.ClientSession, api_url: str, metrics: SlackMetrics) -> None:
        self._session = session
        self._api_url = api_url
        self._metrics = metrics

    async def post(self, url: str, reply: Reply) -> None:
        """Posts an answer; one that cannot be brought is logged and counted, never raised."""
        if not is_slacks(url, self._api_url):
            self._count("refused", "the request names no address of Slack's")
            return
        poster = HttpPoster(self._session, url)
        trouble = ""
        for pause in _PAUSES_SECONDS:
            await asyncio.sleep(pause)
            try:
                await poster.post(msgspec.json.encode(reply.to_wire()))
            except SinkRefused as error:
                self._count("refused", str(error))
                return
            except SinkFailed as error:
                trouble = str(error)
            else:
                self._metrics.late.labels("sent").inc()
                return
        self._count("failed", trouble)

    def _count(self, result: str, error: str) -> None:
        self._metrics.late.labels(result).inc()
        log.warning("an answer did not reach Slack", extra={"error": error})


def is_slacks(url: str, api_url: str) -> bool:
    """Whether an address is on the host of the Web API or on one below, by the same scheme."""
    try:
        there, here = urlsplit(url), urlsplit(api_url)
        host, home = there.hostname or "", here.hostname or ""
    except ValueError:
        return False
    same_host = host == home or host.endswith(f".{home}")
    return bool(home) and there.scheme == here.scheme and same_host and not there.username
