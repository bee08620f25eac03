"""Objects for the tests of the webhook, and how to make and read them with kubectl."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deploy.local.cluster import LocalCluster

WATTS = "climatik.io/watts"
LABELS = {"app": "llm"}


def policy(namespace: str, mode: str = "Initial") -> dict[str, Any]:
    return {
        "apiVersion": "climatik.io/v1alpha1",
        "kind": "PowerCappingPolicy",
        "metadata": {"name": f"policy-{mode.lower()}", "namespace": namespace},
        "spec": {
            "powerCapLimit": 1000,
            "selector": {"matchLabels": LABELS},
            "updatePolicy": {"updateMode": mode, **({"levers": ["PowerLimit"]} if mode == "Auto" else {})},
        },
    }


def pod(namespace: str, pool: str, name: str = "bare", **annotations: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": LABELS, "annotations": annotations},
        "spec": pod_spec(pool),
    }


def pod_spec(pool: str) -> dict[str, Any]:
    resources = {"limits": {"nvidia.com/gpu": "2", "cpu": "4", "memory": "1Gi"}}
    return {
        "nodeSelector": {"pool": pool},
        "containers": [
            {"name": "sidecar", "image": "x"},
            {"name": "server", "image": "x", "resources": resources},
        ],
    }


def node(name: str, pool: str, watts: int = 0) -> dict[str, Any]:
    capacity = {"nvidia.com/gpu": "8", "cpu": "64", "memory": "256Gi", "pods": "110"}
    if watts:
        capacity[WATTS] = str(watts)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {"pool": pool, "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"},
        },
        "status": {"capacity": capacity, "allocatable": capacity},
    }


def create(cluster: LocalCluster, body: dict[str, Any]) -> dict[str, Any]:
    """Creates an object with kubectl and returns it as the API server stored it."""
    return json.loads(cluster.kubectl("create", "-f", "-", "-o", "json", input=json.dumps(body)))


@contextmanager
def pool_of(cluster: LocalCluster, watts: int) -> Iterator[str]:
    """A pool of one node, by its name, that offers so many watts, or none at 0; gone after the block."""
    name = f"pool-{uuid.uuid4().hex[:8]}"
    create(cluster, node(name, name, watts))
    yield name
    cluster.kubectl("delete", "node", name, "--wait=false")


def pods(cluster: LocalCluster, namespace: str) -> list[dict[str, Any]]:
    return json.loads(cluster.kubectl("get", "pods", "-n", namespace, "-o", "json"))["items"]


def reserved(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Returns watts in limits and requests of each container; empty texts where there are none."""
    parts = [container.get("resources", {}) for container in body["spec"]["containers"]]
    return [
        (part.get("limits", {}).get(WATTS, ""), part.get("requests", {}).get(WATTS, "")) for part in parts
    ]
