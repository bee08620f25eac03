"""What KWOK plays of the kubelet, and what it leaves alone."""

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.local.cluster import LocalCluster
from deploy.local.processes import wait_until

WATTS = "climatik.io/watts"
GPUS = "nvidia.com/gpu"


@pytest.fixture
def node(cluster: LocalCluster) -> Iterator[str]:
    """A simulated node with 8 GPUs that was Ready before the test."""
    name = f"gpu-{uuid.uuid4().hex[:6]}"
    resources = {"cpu": "64", "memory": "512Gi", "pods": "110", GPUS: "8"}
    content = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "annotations": {"kwok.x-k8s.io/node": "fake"}, "labels": {"test": name}},
        "status": {"capacity": resources, "allocatable": resources, "nodeInfo": {"bootID": "boot-1"}},
    }
    cluster.kubectl("create", "-f", "-", input=json.dumps(content))
    cluster.kubectl("wait", "--for=condition=Ready", f"node/{name}", "--timeout=30s")
    yield name
    cluster.kubectl("delete", "node", name, "--wait=false")


def test_watts_of_a_node_stay_as_they_were_patched(cluster: LocalCluster, node: str) -> None:
    patch = {"status": {"capacity": {WATTS: "5950"}, "allocatable": {WATTS: "5950"}}}
    cluster.kubectl("patch", "node", node, "--subresource=status", "--type=merge", "-p", json.dumps(patch))
    before = _node(cluster, node)["metadata"]["resourceVersion"]
    # A change of the Node makes KWOK look at it again, and so does losing its Ready condition.
    cluster.kubectl("label", "node", node, "touched=yes")
    not_ready = {"status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}}
    cluster.kubectl("patch", "node", node, "--subresource=status", "-p", json.dumps(not_ready))
    cluster.kubectl("wait", "--for=condition=Ready", f"node/{node}", "--timeout=30s")
    status = _node(cluster, node)["status"]
    assert _node(cluster, node)["metadata"]["resourceVersion"] != before
    assert (status["capacity"][WATTS], status["allocatable"][WATTS]) == ("5950", "5950")
    assert (status["capacity"][GPUS], status["nodeInfo"]["bootID"]) == ("8", "boot-1")


def test_scheduler_counts_watts(cluster: LocalCluster, node: str, namespace: str) -> None:
    patch = {"status": {"capacity": {WATTS: "1000"}, "allocatable": {WATTS: "1000"}}}
    cluster.kubectl("patch", "node", node, "--subresource=status", "--type=merge", "-p", json.dumps(patch))
    for name in ("first", "second"):
        cluster.kubectl("create", "-f", "-", input=_pod(name, namespace, node, watts=600))
    phases: dict[str, str] = {}

    def one_runs() -> bool:
        pods = json.loads(cluster.kubectl("get", "pods", "-n", namespace, "-o", "json"))["items"]
        phases.update({pod["metadata"]["name"]: pod["status"]["phase"] for pod in pods})
        return "Running" in phases.values()

    wait_until(one_runs, "one pod", timeout_seconds=30)
    time.sleep(1)
    one_runs()
    assert sorted(phases.values()) == ["Pending", "Running"]


def test_pods_end_when_they_are_deleted(cluster: LocalCluster, node: str, namespace: str) -> None:
    cluster.kubectl("create", "-f", "-", input=_pod("short", namespace, node, watts=0))
    cluster.kubectl("wait", "--for=condition=Ready", "pod/short", "-n", namespace, "--timeout=30s")
    cluster.kubectl("delete", "pod", "short", "-n", namespace, "--timeout=20s")
    assert cluster.kubectl("get", "pods", "-n", namespace, "-o", "name") == ""


def _node(cluster: LocalCluster, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(cluster.kubectl("get", "node", name, "-o", "json"))
    return content


def _pod(name: str, namespace: str, node: str, *, watts: int) -> str:
    limits = {WATTS: str(watts)} if watts else {}
    container = {"name": "main", "image": "none", "resources": {"limits": limits}}
    metadata = {"name": name, "namespace": namespace}
    spec = {"nodeSelector": {"test": node}, "containers": [container]}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
