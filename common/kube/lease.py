"""One Lease object as the election sees it: who holds it, in which epoch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec

from common.api.core import LEASES, Lease, LeaseSpec
from common.api.meta import KubeObject, ObjectMeta, rfc3339_micro
from common.api.resource import Resource, T


class LeaseClient(Protocol):
    """What an election needs of a client."""

    async def get(self, resource: Resource[T], name: str, namespace: str = "") -> T:
        """Reads an object, consistently."""
        ...

    async def create(self, resource: Resource[T], body: KubeObject | dict[str, Any]) -> T:
        """Creates an object."""
        ...

    async def replace(self, resource: Resource[T], body: KubeObject | dict[str, Any]) -> T:
        """Puts an object on condition of its resourceVersion."""
        ...


@dataclass(frozen=True)
class Record:
    """A Lease as it was read or written."""

    lease: Lease

    @property
    def holder(self) -> str:
        """Who holds it; empty after a release."""
        return self.lease.spec.holder_identity or ""

    @property
    def epoch(self) -> int:
        """Acquisitions so far (``leaseTransitions``)."""
        return self.lease.spec.lease_transitions or 0

    @property
    def lease_seconds(self) -> float:
        """How long the holder asked others to wait."""
        return float(self.lease.spec.lease_duration_seconds or 0)

    @property
    def version(self) -> tuple[str, str]:
        """Changes with every write."""
        return self.lease.metadata.uid, self.lease.metadata.resource_version


class LeaseFile:
    """Reads and writes one Lease; every write is conditional on the record that it follows."""

    def __init__(
        self, client: LeaseClient, name: str, namespace: str, identity: str, lease_seconds: float
    ) -> None:
        self.name = name
        self._client = client
        self._namespace = namespace
        self._identity = identity
        self._lease_seconds = max(1, round(lease_seconds))

    async def read(self) -> Record:
        """Reads the Lease."""
        return Record(await self._client.get(LEASES, self.name, self._namespace))

    async def create(self, now: datetime) -> Record:
        """Makes the Lease, with us as a holder who does not lead yet (epoch 0)."""
        lease = Lease(metadata=ObjectMeta(name=self.name, namespace=self._namespace), spec=self._spec(now, 0))
        return Record(await self._client.create(LEASES, lease))

    async def take(self, record: Record, now: datetime, *, epoch: int) -> Record:
        """Makes us the holder from now on."""
        return await self._put(record, self._spec(now, epoch))

    async def renew(self, record: Record, now: datetime, *, epoch: int) -> Record:
        """Moves the renew time."""
        acquired = record.lease.spec.acquire_time
        return await self._put(record, msgspec.structs.replace(self._spec(now, epoch), acquire_time=acquired))

    async def release(self, record: Record, now: datetime) -> Record:
        """Leaves the Lease without a holder; the epoch stays."""
        spec = self._spec(now, record.epoch)
        return await self._put(
            record, msgspec.structs.replace(spec, holder_identity="", lease_duration_seconds=1)
        )

    async def _put(self, record: Record, spec: LeaseSpec) -> Record:
        return Record(await self._client.replace(LEASES, msgspec.structs.replace(record.lease, spec=spec)))

    def _spec(self, now: datetime, epoch: int) -> LeaseSpec:
        stamp = rfc3339_micro(now)
        return LeaseSpec(
            holder_identity=self._identity,
            lease_duration_seconds=self._lease_seconds,
            acquire_time=stamp,
            renew_time=stamp,
            lease_transitions=epoch,
        )
