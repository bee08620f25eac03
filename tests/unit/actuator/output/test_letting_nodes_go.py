"""A node's object goes when nothing of it is needed; the schema keeps a budget that nobody has given back."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from actuator.output.metrics import ActuatorMetrics
from actuator.output.writer import Writer
from common.api.frequencies import (
    FrequenciesSpec,
    FrequenciesStatus,
    GpuPowerLimit,
    NodeFrequencies,
    PowerBudget,
)
from common.api.meta import ObjectMeta
from common.api.names import FINALIZER_RELEASE
from common.kube.errors import Conflict, Invalid, Status
from tests.unit.actuator.budgets import BUDGET, STATUS

RELEASED = replace(BUDGET, release=True)


class Store:
    """Holds one object, and refuses what the schema refuses."""

    def __init__(self, item: NodeFrequencies, others: FrequenciesSpec | None = None) -> None:
        self.item: NodeFrequencies | None = item
        self.others = others or FrequenciesSpec(node_name=item.name)

    async def apply(self, resource: Any, body: dict[str, Any], **_: Any) -> NodeFrequencies:
        item = self._seen(body)
        budget, status = item.spec.power_budget, item.status.power_budget
        confirmed = budget and budget.release and status and status.sequence == budget.sequence
        if budget and not confirmed:
            raise Invalid(Status(code=422, reason="Invalid"))
        return self._put(replace(item, metadata=replace(item.metadata, finalizers=[]), spec=self.others))

    async def patch(self, resource: Any, name: str, body: dict[str, Any]) -> NodeFrequencies:
        item = self._seen(body)
        kept = body["metadata"]["finalizers"]
        return self._put(replace(item, metadata=replace(item.metadata, finalizers=kept)))

    async def delete(self, resource: Any, name: str, *, uid: str) -> None:
        assert self.item is not None
        assert uid == self.item.metadata.uid
        if not self.item.metadata.finalizers:
            self.item = None

    def _seen(self, body: dict[str, Any]) -> NodeFrequencies:
        assert self.item is not None
        if body["metadata"]["resourceVersion"] != self.item.metadata.resource_version:
            raise Conflict(Status(code=409, reason="Conflict"))
        return self.item

    def _put(self, item: NodeFrequencies) -> NodeFrequencies:
        gone = item.metadata.deletion_timestamp and not item.metadata.finalizers
        self.item = None if gone else item
        return item


def held(budget: PowerBudget | None, *, confirmed: bool = True, deleted: str = "") -> NodeFrequencies:
    return NodeFrequencies(
        metadata=ObjectMeta(
            name="n", uid="nf", resource_version="7", finalizers=[FINALIZER_RELEASE],
            deletion_timestamp=deleted,
        ),
        spec=FrequenciesSpec(node_name="n", power_budget=budget),
        status=FrequenciesStatus(power_budget=STATUS if confirmed else None),
    )  # fmt: skip


async def dismissed(store: Store, item: NodeFrequencies) -> NodeFrequencies | None:
    client: Any = store
    metrics = ActuatorMetrics(CollectorRegistry())
    await Writer(client, metrics, parallel=1, dry_run=False, may_write=lambda: True).dismiss(item)
    return store.item


NOW = "2026-01-01T00:00:00Z"
CASES = {
    "given back": held(RELEASED),
    "given back, and deleted by a person": held(RELEASED, deleted=NOW),
    "without a budget": held(None),
    "a machine that is off": held(BUDGET),
    "a machine that is off, and deleted by a person": held(BUDGET, deleted=NOW),
    "an agent that never spoke": held(BUDGET, confirmed=False),
    "a release that is not confirmed": held(replace(RELEASED, sequence=6)),
}


@pytest.mark.parametrize("item", CASES.values(), ids=CASES)
async def test_it_goes(item: NodeFrequencies) -> None:
    assert await dismissed(Store(item), item) is None


async def test_what_others_have_set_stays() -> None:
    item = held(RELEASED)
    theirs = FrequenciesSpec(node_name="n", gpu_power_limits=[GpuPowerLimit(gpu_id="g", watts=300)])
    left = await dismissed(Store(item, theirs), item)
    assert left is not None
    assert (left.spec, left.metadata.finalizers) == (theirs, [])
