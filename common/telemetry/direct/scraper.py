"""Reads many pages at once: so many connections, so much time for each, so much text."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

import aiohttp

from common.clock import Clock
from common.http.bounded import read_at_most
from common.http.closing import Closing
from common.telemetry.direct.targets import Target

MOST_BYTES = 16 * 1024 * 1024
"""A DCGM exporter's page of eight boards has some 50 KiB; past this it is no page of metrics."""
MOST_AT_ONCE = 32


@dataclass(frozen=True)
class Page:
    """What came of reading a target.

    Attributes:
        target: Whose page.
        at: Unix seconds at which the answer came.
        text: The page; empty where there was none.
        skew_seconds: How far the target's clock is ahead of this machine's; None where it does not tell.
        error: Why there is no page; empty where there is.
    """

    target: Target
    at: float
    text: str = ""
    skew_seconds: float | None = None
    error: str = ""


class Scraper(Closing):
    """An HTTP client for pages of metrics; nothing that a target does is an error of the caller's."""

    def __init__(self, clock: Clock, deadline_seconds: float, *, most_at_once: int = MOST_AT_ONCE) -> None:
        self._clock = clock
        self._deadline_seconds = deadline_seconds
        self._room = asyncio.Semaphore(most_at_once)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Closes every connection."""
        if self._session is not None:
            await self._session.close()

    async def read(self, targets: Sequence[Target]) -> list[Page]:
        """Reads all targets, and returns a page for each."""
        return list(await asyncio.gather(*(self._read(target) for target in targets)))

    async def _read(self, target: Target) -> Page:
        async with self._room:
            try:
                async with asyncio.timeout(self._deadline_seconds):
                    return await self._get(target)
            except TimeoutError:
                return self._failed(target, f"no answer within {self._deadline_seconds:g} s")
            except (aiohttp.ClientError, OSError, ValueError) as error:
                return self._failed(target, str(error) or type(error).__name__)

    async def _get(self, target: Target) -> Page:
        # A redirect would lead away from the target that was chosen.
        async with self._connected().get(target.url, allow_redirects=False) as answer:
            if answer.status != 200:
                return self._failed(target, f"answers {answer.status}")
            body = await read_at_most(answer.content, MOST_BYTES)
            if body is None:
                return self._failed(target, f"the page is larger than {MOST_BYTES} bytes")
            at = self._clock.now().timestamp()
            return Page(target, at, body.decode("utf-8", "replace"), _skew(answer.headers, at))

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        return self._session

    def _failed(self, target: Target, error: str) -> Page:
        return Page(target, self._clock.now().timestamp(), error=error)


def _skew(headers: Mapping[str, str], at: float) -> float | None:
    try:
        stamped = parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    # HTTP dates have whole seconds, cut off: on average the clock stood half a second later.
    return stamped.replace(tzinfo=stamped.tzinfo or UTC).timestamp() + 0.5 - at
