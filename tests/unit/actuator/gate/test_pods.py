"""Pods that are never stopped, whatever the need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actuator.gate.pods import is_ready, pod_refusal
from actuator.gate.settings import GateSettings
from common.api.core import Container, Pod, PodCondition, PodSpec, PodStatus, ResourceRequirements
from common.api.meta import ObjectMeta, OwnerReference, rfc3339

NOW = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)


def pod(
    *, owner: str = "ReplicaSet", age: float = 600, watts: str = "300", phase: str = "Running", **meta: Any
) -> Pod:
    owners = [OwnerReference(kind=owner, name="web-1", controller=True)] if owner else []
    requests = {"climatik.io/watts": watts} if watts else {}
    return Pod(
        metadata=ObjectMeta(name="p", namespace="llm", owner_references=owners, **meta),
        spec=PodSpec(
            node_name="n", containers=[Container(name="c", resources=ResourceRequirements(requests=requests))]
        ),
        status=PodStatus(
            phase=phase,
            start_time=rfc3339(NOW - timedelta(seconds=age)),
            conditions=[PodCondition(type="Ready", status="True")],
        ),
    )


CASES = {
    "an ordinary replica": (pod(), None),
    "a pod of a StatefulSet": (pod(owner="StatefulSet"), None),
    "a pod of a Job": (pod(owner="Job"), None),
    "a bare pod": (pod(owner=""), "BarePod"),
    "a daemon": (pod(owner="DaemonSet"), "NodePod"),
    "a static pod": (pod(owner="Node", annotations={"kubernetes.io/config.mirror": "x"}), "MirrorPod"),
    "on its way out": (pod(deletion_timestamp="2026-01-07T11:59:59Z"), "NotRunning"),
    "pending": (pod(phase="Pending"), "NotRunning"),
    "opted out by annotation": (pod(annotations={"climatik.io/opt-out": "true"}), "OptedOut"),
    "opted out by label": (pod(labels={"climatik.io/opt-out": "true"}), "OptedOut"),
    "opt-out taken back": (pod(annotations={"climatik.io/opt-out": "false"}), None),
    "not safe to evict": (
        pod(annotations={"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}), "NotSafeToEvict",
    ),
    "safe to evict": (pod(annotations={"cluster-autoscaler.kubernetes.io/safe-to-evict": "true"}), None),
    "just started": (pod(age=299), "StillSettling"),
    "settled": (pod(age=300), None),
    "without reserved watts": (pod(watts=""), "NotReserved"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_refusal(name: str) -> None:
    item, reason = CASES[name]
    refusal = pod_refusal(item, NOW, GateSettings())
    assert (refusal.reason if refusal else None) == reason


def test_unreserved_pods_go_where_the_operator_allows_it() -> None:
    assert pod_refusal(pod(watts=""), NOW, GateSettings(unreserved=True)) is None


def test_only_serving_pods_count_as_replicas() -> None:
    assert is_ready(pod())
    assert not is_ready(pod(phase="Pending"))
    assert not is_ready(pod(deletion_timestamp="2026-01-07T11:59:59Z"))
