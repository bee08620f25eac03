"""The ``PrometheusConnect`` of prometheus-api-client, for users who bring theirs (with its own log-in)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np

from common.telemetry.columns import Matrix, Vector
from common.telemetry.errors import TelemetryError, TelemetryRefusedError, TelemetryUnavailableError
from common.telemetry.wire import put_on_grid

Series = Sequence[Mapping[str, Any]]


class Connect(Protocol):
    """What is used of the library's object; it blocks, and raises errors of several libraries."""

    def custom_query(self, query: str, params: dict[str, Any] | None = None) -> Series:
        """Evaluates an expression once."""
        ...

    def custom_query_range(
        self,
        query: str,
        start_time: datetime,
        end_time: datetime,
        step: str,
        params: dict[str, Any] | None = None,
    ) -> Series:
        """Evaluates an expression over a grid."""
        ...


class ConnectedPrometheus:
    """Makes a ``PrometheusConnect`` answer as our own client does. The library drops the server's warnings.

    Args:
        connect: Called from threads, several at a time.
        deadline_seconds: Past it the answer is given up; the thread ends by the library's own timeout.
    """

    def __init__(self, connect: Connect, *, deadline_seconds: float = 10.0) -> None:
        self._connect = connect
        self._deadline_seconds = deadline_seconds

    async def query(self, expression: str, *, at: float | None = None) -> Vector:
        """Evaluates an expression at a Unix time, or now.

        Raises:
            TelemetryUnavailableError: No answer; asking later may help.
            TelemetryRefusedError: The answer is not an instant vector.
        """
        params = {} if at is None else {"time": f"{at:.3f}"}
        found = await self._ask(lambda: self._connect.custom_query(expression, params=params))
        try:
            return Vector(
                labels=[each["metric"] for each in found],
                timestamps=np.array([each["value"][0] for each in found], dtype=np.float64),
                values=np.array([each["value"][1] for each in found], dtype=np.float64),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _strange(error) from error

    async def query_range(self, expression: str, *, start: float, end: float, step_seconds: float) -> Matrix:
        """Evaluates an expression on the grid start, start + step … end (Unix seconds).

        Raises:
            TelemetryUnavailableError: No answer; asking later may help.
            TelemetryRefusedError: The answer is not a range matrix.
        """
        found = await self._ask(
            lambda: self._connect.custom_query_range(
                expression,
                datetime.fromtimestamp(start, UTC),
                datetime.fromtimestamp(end, UTC),
                f"{step_seconds:g}",
                # The library rounds its times to seconds; its parameters win over them.
                params={"start": f"{start:.3f}", "end": f"{end:.3f}"},
            )
        )
        try:
            return put_on_grid(
                [(each["metric"], each["values"]) for each in found], (start, end, step_seconds)
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _strange(error) from error

    async def _ask(self, call: Callable[[], Series]) -> Series:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await asyncio.to_thread(call)
        except TimeoutError as error:
            raise TelemetryUnavailableError(
                f"PrometheusConnect did not answer within {self._deadline_seconds:g} s"
            ) from error
        except Exception as error:  # of requests, of the library, of whatever log-in it was given
            raise TelemetryUnavailableError(
                f"PrometheusConnect failed: {error}; check its address and log-in"
            ) from error


def _strange(error: Exception) -> TelemetryError:
    return TelemetryRefusedError(f"PrometheusConnect gave something else than series ({error!r})")
