"""Sends writes: each conditional on what it builds upon, none after the term is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from actuator.ledger.writes import Outcome
from actuator.logic.setpoints import set_points_of
from actuator.output.bodies import farewell_body, keeps_budget, let_go_body
from actuator.output.metrics import ActuatorMetrics
from common.api.frequencies import NODE_FREQUENCIES, NodeFrequencies
from common.api.names import MANAGER_ACTUATOR
from common.api.resource import Resource, T
from common.kube.client import Client
from common.kube.errors import AlreadyExists, Conflict, ConnectionNotMade, KubeError, NotFound, PermanentError

log = logging.getLogger(__name__)


class Writer:
    """Sends at most so many writes at once, and at most one to an object."""

    def __init__(
        self,
        client: Client,
        metrics: ActuatorMetrics,
        *,
        parallel: int,
        dry_run: bool,
        may_write: Callable[[], bool],
    ) -> None:
        self._client = client
        self._metrics = metrics
        self._slots = asyncio.Semaphore(parallel)
        self._dry_run = dry_run
        self._may_write = may_write
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def is_busy(self, key: str) -> bool:
        """Whether a write to an object (``kind/name``) is under way."""
        return key in self._busy

    def send(
        self,
        key: str,
        call: Callable[[], Awaitable[object]],
        answered: Callable[[Outcome], None] = lambda _outcome: None,
    ) -> None:
        """Starts a write.

        Args:
            key: ``kind/name`` of the object.
            call: Makes the request.
            answered: Is told how it ended.
        """
        self._busy.add(key)
        task = asyncio.create_task(self._run(key, call, answered))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Waits for everything under way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def cancel(self) -> None:
        """Gives up everything under way: it may land or not."""
        for task in self._tasks:
            task.cancel()
        await self.drain()

    async def create(self, node: str) -> None:
        """Makes a node's object, without a budget."""
        body = {"metadata": {"name": node}, "spec": {"nodeName": node}}
        await self._client.create(NODE_FREQUENCIES, body)

    async def apply(self, resource: Resource[T], body: dict[str, Any], subresource: str = "") -> T:
        """Applies our fields of an object, and returns it as it is then."""
        return await self._client.apply(
            resource, body, field_manager=MANAGER_ACTUATOR, subresource=subresource
        )

    async def dismiss(self, item: NodeFrequencies) -> None:
        """Gives up our fields of a node's object; deletes it unless somebody else has settings in it.

        One whose budget nobody has confirmed giving back goes as a whole.
        """
        if keeps_budget(item):
            left = await self._client.patch(NODE_FREQUENCIES, item.name, let_go_body(item.metadata))
        else:
            left = await self._client.apply(
                NODE_FREQUENCIES, farewell_body(item.metadata), field_manager=MANAGER_ACTUATOR
            )
            if set_points_of(left):
                return
        if not left.metadata.deletion_timestamp:
            await self._client.delete(NODE_FREQUENCIES, item.name, uid=left.metadata.uid)

    async def _run(
        self, key: str, call: Callable[[], Awaitable[object]], answered: Callable[[Outcome], None]
    ) -> None:
        outcome = Outcome.UNKNOWN
        try:
            async with self._slots:
                outcome = await self._attempt(key, call)
        finally:
            self._busy.discard(key)
            answered(outcome)

    async def _attempt(self, key: str, call: Callable[[], Awaitable[object]]) -> Outcome:
        kind = key.partition("/")[0]
        if self._dry_run or not self._may_write():
            return Outcome.REFUSED
        try:
            await call()
        except KubeError as error:
            outcome = outcome_of(error)
            self._metrics.writes.labels(kind, type(error).__name__).inc()
            level = logging.INFO if isinstance(error, Conflict) else logging.WARNING
            log.log(level, "a write was not accepted: %s", error, extra={"object": key})
            return outcome
        self._metrics.writes.labels(kind, "written").inc()
        return Outcome.SETTLED


def outcome_of(error: KubeError) -> Outcome:
    """Returns what an error says about a conditional write.

    A conflict means that the object has moved on; whether by this write, whose first answer was lost, or by
    another one, the cache will show.
    """
    if isinstance(error, Conflict | AlreadyExists):
        return Outcome.SETTLED
    if isinstance(error, PermanentError | NotFound | ConnectionNotMade):
        return Outcome.REFUSED
    return Outcome.UNKNOWN
