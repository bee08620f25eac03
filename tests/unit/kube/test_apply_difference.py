"""When server-side apply has something to write, and when it has not."""

from typing import Any

import msgspec
import pytest

from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.frequencies import NODE_FREQUENCIES, NodeFrequencies
from common.kube.apply import apply_if_changed
from common.kube.client import Client
from common.kube.config import ClusterConfig

SPEC = {"nodeName": "n", "gpuPowerLimits": [{"gpuId": "a", "watts": 300}, {"gpuId": "b", "watts": 250}]}


class RecordingClient(Client):
    """Answers an apply with the object as sent."""

    def __init__(self) -> None:
        super().__init__(ClusterConfig("http://nowhere"))
        self.applied: list[dict[str, Any]] = []

    async def apply(self, resource: Any, body: dict[str, Any], **_: Any) -> Any:  # type: ignore[override]
        self.applied.append(body)
        return msgspec.convert(body, resource.type)


def _desired(spec: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": "n", "uid": "u", "resourceVersion": "5"}, "spec": spec}


def _live(spec: dict[str, Any]) -> NodeFrequencies:
    return msgspec.convert({"metadata": {"name": "n", "resourceVersion": "9"}, "spec": spec}, NodeFrequencies)


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "equal": (SPEC, SPEC, False),
    "a default spelled out": (SPEC, {**SPEC, "cpuPowerLimits": []}, False),
    "a value differs": (SPEC, {**SPEC, "nodeName": "m"}, True),
    "an entry of a list differs": (SPEC, {**SPEC, "gpuPowerLimits": [{"gpuId": "a", "watts": 301}]}, True),
    "an entry of a list is to go": (SPEC, {**SPEC, "gpuPowerLimits": SPEC["gpuPowerLimits"][:1]}, True),
    "a field is to go": (SPEC, {"nodeName": "n"}, True),
    "a field is new": ({"nodeName": "n"}, SPEC, True),
    "a field that the struct does not know": (SPEC, {**SPEC, "novel": 1}, True),
}


@pytest.mark.parametrize(("live", "desired", "writes"), CASES.values(), ids=CASES.keys())
async def test_writes_when_and_only_when_something_would_change(
    live: dict[str, Any], desired: dict[str, Any], writes: bool
) -> None:
    client = RecordingClient()
    result = await apply_if_changed(
        client, NODE_FREQUENCIES, _live(live), _desired(desired), field_manager="m"
    )
    assert bool(client.applied) is writes
    assert (result is not None) is writes


async def test_a_missing_object_is_written() -> None:
    client = RecordingClient()
    assert (
        await apply_if_changed(client, NODE_FREQUENCIES, None, _desired(SPEC), field_manager="m") is not None
    )


async def test_the_parts_and_conditions_of_other_managers_do_not_count() -> None:
    condition = {"type": "Observed", "status": "True", "reason": "Fine", "message": "all"}
    theirs = {"type": "Enforced", "status": "False", "reason": "Off"}
    status = {"conditions": [theirs, condition], "observed": {"nodes": 2}, "enforcement": {"leaderEpoch": 3}}
    live = msgspec.convert({"metadata": {"name": "d"}, "status": status}, PowerDomain)
    ours = {
        "metadata": {"name": "d"},
        "status": {"conditions": [condition], "observed": live.status.observed},
    }
    desired = msgspec.to_builtins(ours)
    client = RecordingClient()
    for _ in range(3):  # the first time something of ours may have to go, which only the server can tell
        await apply_if_changed(client, POWER_DOMAINS, live, desired, field_manager="m", subresource="status")
    assert len(client.applied) == 1
    changed = {**condition, "message": "not all"}
    desired = {**desired, "status": {**desired["status"], "conditions": [changed]}}
    await apply_if_changed(client, POWER_DOMAINS, live, desired, field_manager="m", subresource="status")
    assert len(client.applied) == 2


async def test_drift_is_written_back_though_our_wish_did_not_change() -> None:
    client = RecordingClient()
    await apply_if_changed(client, NODE_FREQUENCIES, _live(SPEC), _desired(SPEC), field_manager="m")
    drifted = {**SPEC, "gpuPowerLimits": [{"gpuId": "a", "watts": 999}]}
    await apply_if_changed(client, NODE_FREQUENCIES, _live(drifted), _desired(SPEC), field_manager="m")
    assert len(client.applied) == 1
