"""POST to an address that may itself be a secret: it appears in no error and no log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import aiohttp

from common.alerts.sink import SinkFailed, SinkRefused
from common.http.retry_after import retry_after_seconds

_DEADLINE_SECONDS: Final = 10.0
_NEVER: Final = frozenset({400, 413, 422})
"""Answers that find fault with the message. Others (a revoked address, too) may be cured, so it is kept."""
_LONGEST_WAIT_SECONDS: Final = 3600.0


class HttpPoster:
    """Posts to one address.

    Args:
        session: Shared by the process.
        url: May be a secret.
        headers: Sent with every request; may hold secrets.
    """

    def __init__(
        self, session: aiohttp.ClientSession, url: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self._session = session
        self._url = url
        self._headers = dict(headers or {})

    async def post(self, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Posts a body; redirects are not followed, as they would carry it elsewhere.

        Raises:
            SinkFailed: No answer, or one that may change.
            SinkRefused: The message itself was found wanting.
        """
        wanted = {"Content-Type": "application/json", **self._headers, **(headers or {})}
        timeout = aiohttp.ClientTimeout(total=_DEADLINE_SECONDS)
        try:
            async with self._session.post(
                self._url, data=body, headers=wanted, timeout=timeout, allow_redirects=False
            ) as answer:
                _check(answer.status, answer.headers.get("Retry-After", ""))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            # The text of such an error may hold the address, so its kind has to do; nor is it chained.
            raise SinkFailed(f"no answer ({type(error).__name__})") from None


def _check(status: int, retry_after: str) -> None:
    if 200 <= status < 300:
        return
    if status in _NEVER:
        raise SinkRefused(f"answered with status {status}")
    wait = retry_after_seconds(retry_after)
    raise SinkFailed(
        f"answered with status {status}", None if wait is None else min(wait, _LONGEST_WAIT_SECONDS)
    )
