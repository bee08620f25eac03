"""Work that goes on beside the main work until that ends, and ends it where it fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager


@asynccontextmanager
async def beside(*works: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Does some work while the block runs; what is left of it at the end is cancelled.

    A copy of the cluster that nobody keeps up to date any more looks like the cluster. So an error of such
    work cancels the block and is raised in its place: the process ends, and is started anew.
    """
    main = asyncio.current_task()
    assert main is not None
    errors: list[BaseException] = []

    def ended(task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            errors.append(error)
            main.cancel()

    tasks = [asyncio.create_task(work) for work in works]
    for task in tasks:
        task.add_done_callback(ended)
    try:
        yield
    except asyncio.CancelledError:
        if errors:
            main.uncancel()
            raise errors[0] from None
        raise
    finally:
        for task in tasks:
            task.remove_done_callback(ended)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
