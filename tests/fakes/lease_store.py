"""A store of Leases that answers late, never, or after the caller has given up; and deletes on request."""

import asyncio
import random
from typing import Any

import msgspec

from common.api.core import Lease
from common.api.meta import KubeObject
from common.api.resource import Resource, T
from common.kube import AlreadyExists, Conflict, ConnectionFailed, NotFound
from common.kube.errors import Status


def _status(code: int, reason: str) -> Status:
    return Status(code=code, reason=reason, message="by the fake")


class LeaseStore:
    """The server's side: one Lease, compare-and-swap by uid and resourceVersion."""

    def __init__(self) -> None:
        self.lease: Lease | None = None
        self._version = 0
        self._uid = 0

    def read(self) -> Lease:
        if self.lease is None:
            raise NotFound(_status(404, "NotFound"))
        return self.lease

    def create(self, body: Lease) -> Lease:
        if self.lease is not None:
            raise AlreadyExists(_status(409, "AlreadyExists"))
        self._uid += 1
        return self._store(body, f"uid-{self._uid}")

    def replace(self, body: Lease) -> Lease:
        present = self.read()
        wanted = (body.metadata.uid, body.metadata.resource_version)
        if wanted != (present.metadata.uid, present.metadata.resource_version):
            raise Conflict(_status(409, "Conflict"))
        return self._store(body, present.metadata.uid)

    def delete(self) -> None:
        self.lease = None

    def _store(self, body: Lease, uid: str) -> Lease:
        self._version += 1
        metadata = msgspec.structs.replace(body.metadata, uid=uid, resource_version=str(self._version))
        self.lease = msgspec.structs.replace(body, metadata=metadata)
        return self.lease


class LeaseAccess:
    """One candidate's way to the store. Requests may land long after the candidate gave up on them."""

    def __init__(self, store: LeaseStore, rng: random.Random | None = None, *, trouble: float = 0.0) -> None:
        self._store = store
        self._rng = rng or random.Random(0)
        self._trouble = trouble
        self._open = asyncio.Event()
        self._open.set()
        self.writes = 0

    def hang(self) -> None:
        """From now on nothing gets through, until `recover`; what is under way lands then."""
        self._open.clear()

    def recover(self) -> None:
        self._open.set()

    async def get(self, resource: Resource[T], name: str, namespace: str = "") -> T:
        return await self._call(self._store.read)

    async def create(self, resource: Resource[T], body: KubeObject | dict[str, Any]) -> T:
        return await self._call(self._store.create, body)

    async def replace(self, resource: Resource[T], body: KubeObject | dict[str, Any]) -> T:
        self.writes += 1
        return await self._call(self._store.replace, body)

    async def _call(self, operation: Any, *arguments: Any) -> Any:
        """Shielded: a caller that is cancelled does not take the request back from the network."""
        return await asyncio.shield(_quiet(asyncio.ensure_future(self._travel(operation, *arguments))))

    async def _travel(self, operation: Any, *arguments: Any) -> Any:
        await self._delay()
        result = operation(*arguments)
        await self._delay()
        return result

    async def _delay(self) -> None:
        await self._open.wait()
        if self._rng.random() < self._trouble:
            await asyncio.sleep(self._rng.choice([0.5, 4.0, 9.0, 14.0, 30.0, 90.0]))
            if self._rng.random() < 0.5:
                raise ConnectionFailed("lost by the fake")
        else:
            await asyncio.sleep(self._rng.uniform(0.0, 0.05))


def _quiet(future: "asyncio.Future[Any]") -> "asyncio.Future[Any]":
    """Errors of requests that nobody waits for any more are nobody's."""
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return future
