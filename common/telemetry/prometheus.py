"""An asynchronous Prometheus client: form POST, deadline, bearer file, warnings kept, numpy columns out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import aiohttp

from common.http.closing import Closing
from common.http.retry_after import retry_after_seconds
from common.telemetry.columns import Matrix, Vector
from common.telemetry.errors import TelemetryRefusedError, TelemetryUnavailableError
from common.telemetry.retry_budget import RetryBudget
from common.telemetry.tls import TlsFiles
from common.telemetry.wire import Rule, decode_matrix, decode_rules, decode_vector, failure_text

_TOO_MANY_REQUESTS = 429


class PowerQueries(Protocol):
    """What dialects need of a Prometheus: instant and range queries."""

    async def query(self, expression: str, *, at: float | None = None) -> Vector:
        """Evaluates an expression at a Unix time, or now."""
        ...

    async def query_range(self, expression: str, *, start: float, end: float, step_seconds: float) -> Matrix:
        """Evaluates an expression over a grid of Unix times."""
        ...


@dataclass(frozen=True)
class PrometheusSettings:
    """Where Prometheus is and how long it may take.

    Attributes:
        url: Base address, with any path prefix.
        token_file: Bearer token, read anew for each query since tokens are rotated; empty for none.
        ca_file: Certificate authority of an https address; empty for the system's.
        client_cert_file: Certificate that this client shows; empty for none.
        client_key_file: Its key; empty where the certificate file holds it too.
        deadline_seconds: For one query, its retries included.
        most_tries: Tries of one query, the first included.
        first_pause_seconds: Before the first retry, unless the server asks for more; it doubles.
    """

    url: str
    token_file: str = ""
    ca_file: str = ""
    client_cert_file: str = ""
    client_key_file: str = ""
    deadline_seconds: float = 10.0
    most_tries: int = 3
    first_pause_seconds: float = 0.2


class Prometheus(Closing):
    """A client of one Prometheus (or of what speaks its query API: Thanos, Mimir, VictoriaMetrics)."""

    def __init__(self, settings: PrometheusSettings, *, budget: RetryBudget | None = None) -> None:
        self._settings = settings
        self._budget = budget or RetryBudget()
        self._tls = TlsFiles(settings.ca_file, settings.client_cert_file, settings.client_key_file)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()

    async def query(self, expression: str, *, at: float | None = None) -> Vector:
        """Evaluates an expression at a Unix time, or now.

        Raises:
            TelemetryUnavailableError: No answer within the deadline; asking later may help.
            TelemetryRefusedError: The query or the credentials are bad.
        """
        form = {"query": expression, "timeout": self._timeout}
        if at is not None:
            form["time"] = f"{at:.3f}"
        return decode_vector(await self._ask("/api/v1/query", form))

    async def query_range(self, expression: str, *, start: float, end: float, step_seconds: float) -> Matrix:
        """Evaluates an expression on the grid start, start + step … end (Unix seconds).

        Raises:
            TelemetryUnavailableError: No answer within the deadline; asking later may help.
            TelemetryRefusedError: The query or the credentials are bad.
        """
        form = {
            "query": expression, "timeout": self._timeout,
            "start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step_seconds:g}",
        }  # fmt: skip
        return decode_matrix(await self._ask("/api/v1/query_range", form), start, end, step_seconds)

    async def rules(self) -> list[Rule]:
        """Returns the recording and alerting rules of the server.

        Raises:
            TelemetryUnavailableError: No answer within the deadline; asking later may help.
            TelemetryRefusedError: The server tells nobody its rules, or the credentials are bad.
        """
        return decode_rules(await self._ask("/api/v1/rules", None))

    @property
    def _timeout(self) -> str:
        return f"{self._settings.deadline_seconds:g}s"

    async def _ask(self, path: str, form: dict[str, str] | None) -> bytes:
        self._budget.earn()
        try:
            async with asyncio.timeout(self._settings.deadline_seconds):
                return await self._ask_until_answered(path, form)
        except TimeoutError as error:
            raise TelemetryUnavailableError(
                f"{self._settings.url} did not answer within {self._settings.deadline_seconds:g} s"
            ) from error

    async def _ask_until_answered(self, path: str, form: dict[str, str] | None) -> bytes:
        pause = self._settings.first_pause_seconds
        for left in reversed(range(self._settings.most_tries)):
            try:
                return await self._ask_once(path, form)
            except TelemetryUnavailableError as error:
                if not left or not self._budget.spend():
                    raise
                await asyncio.sleep(error.retry_after_seconds or pause)
                pause *= 2
        raise AssertionError("unreachable: the last try returns or raises")

    async def _ask_once(self, path: str, form: dict[str, str] | None) -> bytes:
        url = self._settings.url.rstrip("/") + path
        try:
            method = "GET" if form is None else "POST"
            async with self._connected().request(
                method, url, data=form, headers=self._headers(), ssl=self._tls.context()
            ) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, OSError) as error:
            raise TelemetryUnavailableError(
                f"cannot reach {url}: {error}; check the address and the network"
            ) from error
        if answer.status == _TOO_MANY_REQUESTS or answer.status >= 500:
            raise TelemetryUnavailableError(
                f"{url} answers {answer.status}: {failure_text(body)}",
                retry_after_seconds(answer.headers.get("Retry-After", "")),
            )
        if answer.status >= 300:
            raise TelemetryRefusedError(f"{url} answers {answer.status}: {failure_text(body)}")
        return body

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            # The deadline around the whole question is ours; aiohttp's own would start anew at each try.
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        return self._session

    def _headers(self) -> dict[str, str]:
        file = self._settings.token_file
        if not file:
            return {}
        try:
            token = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise TelemetryRefusedError(f"cannot read the bearer token file {file}: {error}") from error
        if len(token.split()) != 1:
            raise TelemetryRefusedError(f"the bearer token file {file} has to hold one token, on one line")
        return {"Authorization": f"Bearer {token}"}
