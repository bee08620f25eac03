"""GET with a deadline, a size limit, and errors that bear no credential."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
import msgspec

from common.grid.errors import GridRefusedError, GridUnavailableError
from common.http.bounded import read_at_most
from common.http.closing import Closing
from common.http.retry_after import retry_after_seconds

T = TypeVar("T")

_TOO_MANY_REQUESTS = 429
_REQUEST_TIMEOUT = 408


@dataclass(frozen=True)
class HttpSettings:
    """Limits of one request.

    Attributes:
        deadline_seconds: For connecting and reading together; grids change by the quarter of an hour, so
            there is no hurry, but a dead host must not hold a loop.
        most_bytes: Of an answer; a year of quarter hours in ENTSO-E's XML is under half of it.
    """

    deadline_seconds: float = 15.0
    most_bytes: int = 16 * 1024 * 1024


class Http(Closing):
    """A client that several sources share."""

    def __init__(self, settings: HttpSettings | None = None) -> None:
        self._settings = settings or HttpSettings()
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(
        self,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        basic: tuple[str, str] | None = None,
    ) -> bytes:
        """Returns the body of a 2xx answer. Messages name the address without its query.

        Args:
            url: Without query.
            query: Parameters.
            headers: For a token, for example.
            basic: User and password of HTTP basic authentication.

        Raises:
            GridUnavailableError: No answer in time, 408, 429 or 5xx.
            GridRefusedError: Any other status, an answer over the size limit, or a malformed credential.
        """
        sent = dict(headers or {})
        try:
            if basic is not None:
                sent["Authorization"] = aiohttp.encode_basic_auth(*basic)
            async with asyncio.timeout(self._settings.deadline_seconds):
                return await self._get(url, dict(query or {}), sent)
        except TimeoutError as error:
            raise GridUnavailableError(
                f"{url} did not answer within {self._settings.deadline_seconds:g} s; check the network"
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            # The text of an aiohttp error may quote the whole address, and so a token in its query.
            raise GridUnavailableError(
                f"cannot reach {url} ({type(error).__name__}); check the address and the network"
            ) from None
        except ValueError:
            raise GridRefusedError(
                f"cannot ask {url}: the credential must be one line, and a user without colon"
            ) from None

    async def _get(self, url: str, query: dict[str, str], headers: dict[str, str]) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        async with self._session.get(url, params=query, headers=headers) as answer:
            status = answer.status
            if status >= 300:
                raise _failure(url, status, answer.headers.get("Retry-After", ""))
            body = await read_at_most(answer.content, self._settings.most_bytes)
        if body is None:
            raise GridRefusedError(f"{url} answers more than {self._settings.most_bytes} bytes; ask for less")
        return body


def _failure(url: str, status: int, retry_after: str) -> GridUnavailableError | GridRefusedError:
    if status in (_TOO_MANY_REQUESTS, _REQUEST_TIMEOUT) or status >= 500:
        return GridUnavailableError(
            f"{url} answers {status}; ask less often or later", retry_after_seconds(retry_after)
        )
    if status in (401, 403):
        return GridRefusedError(f"{url} answers {status}; check the credential and what its plan includes")
    return GridRefusedError(f"{url} answers {status}; check the address and the zone")


def decode(body: bytes, kind: type[T], origin: str) -> T:
    """Returns JSON as a typed object.

    Raises:
        GridRefusedError: It is not JSON of that shape; the message names the field.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise GridRefusedError(f"{origin} answers in another format: {error}; check the address") from error
