"""Uninstall takes word and finalizer off every domain, tries again after a refusal, and names what stays."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from msgspec.structs import replace

from actuator.config import ActuatorSettings
from actuator.output.release_nodes import NodeRelease
from common.api.domain import DomainStatus, Enforcement, PowerDomain
from common.api.meta import ObjectMeta
from common.api.names import FINALIZER_RELEASE
from common.kube.errors import Conflict, Status


class Store:
    """One domain that a leader held; as many of the first writes as asked for are refused."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.domain = PowerDomain(
            metadata=ObjectMeta(name="row", uid="u", resource_version="1", finalizers=[FINALIZER_RELEASE]),
            status=DomainStatus(enforcement=Enforcement(effective_cap_watts=9)),
        )

    def picture(self) -> Any:
        return SimpleNamespace(domains={"row": self.domain})

    async def apply(self, resource: Any, body: dict[str, Any], **_: Any) -> None:
        meta = self.domain.metadata
        if self.refusals or body["metadata"]["resourceVersion"] != meta.resource_version:
            self.refusals -= 1
            raise Conflict(Status(code=409, reason="Conflict"))
        finalizers = meta.finalizers if "status" in body else body["metadata"].get("finalizers", [])
        version = str(int(meta.resource_version) + 1)
        status = DomainStatus() if "status" in body else self.domain.status
        self.domain = replace(
            self.domain,
            metadata=replace(meta, resource_version=version, finalizers=finalizers),
            status=status,
        )


def release(store: Any, *, leads: bool = True) -> NodeRelease:
    leadership: Any = SimpleNamespace(epoch=1, valid=lambda: leads)
    return NodeRelease(store, store, ActuatorSettings(), leadership)


async def test_a_refused_write_is_made_again() -> None:
    store = Store(refusals=1)
    giving = release(store)
    assert [await giving.free_domains() for _ in range(4)] == [["PowerDomain/row"]] * 3 + [[]]
    assert (store.domain.metadata.finalizers, store.domain.status.enforcement) == ([], None)


async def test_who_does_not_lead_writes_nothing_and_says_what_stays() -> None:
    store = Store()
    assert await release(store, leads=False).free_domains() == ["PowerDomain/row"]
    assert store.domain.metadata.resource_version == "1"
