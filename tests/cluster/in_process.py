"""What tests run beside themselves in this process, and how they wait for what it brings about."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

from actuator.app import Actuator
from actuator.config import ActuatorSettings
from common.service.app import Service


@contextlib.asynccontextmanager
async def working(work: Coroutine[Any, Any, object]) -> AsyncIterator[None]:
    """Runs it during the block and cancels it at the end; an error of its own is raised there."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
    if not task.cancelled():
        task.result()


@contextlib.asynccontextmanager
async def running_actuator(settings: ActuatorSettings) -> AsyncIterator[Service]:
    """An actuator during the block; yields its service, which bears its metrics."""
    service = Service("actuator", settings)
    async with working(Actuator(service, settings).run()):
        yield service


async def until(
    check: Callable[[], Awaitable[object]],
    what: str,
    seconds: float,
    told: Callable[[], Awaitable[object]],
) -> None:
    """Asks until a coroutine function returns something true.

    Raises:
        AssertionError: it did not in that time; the text names ``what``, and holds what ``told`` returns.
    """
    try:
        async with asyncio.timeout(seconds):
            while not await check():  # noqa: ASYNC110 - the server is asked
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"{what} did not come about: {await told()}") from None
