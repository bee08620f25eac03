"""Pods as a busy cluster has them (about 8 kB on the wire with managedFields), made on a real API server."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from common.api.core import NAMESPACES, NODES, PODS
from common.kube import AlreadyExists, Client, ClientSettings, load_config

NAMESPACE_COUNT = 20
NODE_COUNT = 200
WRITERS = 24

_ENVIRONMENT = (
    "MODEL_NAME", "MODEL_REVISION", "TENSOR_PARALLEL_SIZE", "MAX_MODEL_LEN", "GPU_MEMORY_UTILIZATION",
    "HF_HOME", "VLLM_LOGGING_LEVEL", "NCCL_DEBUG", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME",
)  # fmt: skip


def create_pods(kubeconfig: str, count: int) -> None:
    """Creates the pods with a filled status, showing progress on stderr."""
    asyncio.run(_create(kubeconfig, count))


async def _create(kubeconfig: str, count: int) -> None:
    settings = ClientSettings(deadline_seconds=120.0)
    async with Client(load_config(kubeconfig), user_agent="climatik-benchmark", settings=settings) as client:
        await _each(range(NAMESPACE_COUNT), lambda index: _create_namespace(client, index), "namespaces")
        await _each(range(NODE_COUNT), lambda index: _create_node(client, index), "nodes")
        await _each(range(count), lambda index: _create_pod(client, index), "pods")


async def _each(indexes: range, work: Callable[[int], Awaitable[None]], what: str) -> None:
    """Runs ``work`` for each index, some at once."""
    waiting = iter(indexes)
    done = 0

    async def writer(mine: Iterable[int]) -> None:
        nonlocal done
        for index in mine:
            await work(index)
            done += 1
            if done % 1000 == 0 or done == len(indexes):
                print(f"created {done} of {len(indexes)} {what}", file=sys.stderr, flush=True)

    async with asyncio.TaskGroup() as group:
        for _ in range(WRITERS):
            group.create_task(writer(waiting))


async def _create_namespace(client: Client, index: int) -> None:
    name = f"team-{index:02d}"
    await client.create(NAMESPACES, {"metadata": {"name": name}})
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
    with contextlib.suppress(AlreadyExists):  # the controller manager makes it too, a moment later
        await client.request("POST", f"/api/v1/namespaces/{name}/serviceaccounts", body=account)


async def _create_node(client: Client, index: int) -> None:
    await client.create(NODES, {"metadata": {"name": f"bench-{index:03d}"}})


async def _create_pod(client: Client, index: int) -> None:
    name, namespace = f"model-{index % 250:03d}-7d9f8b6c5d-{index:05d}", f"team-{index % NAMESPACE_COUNT:02d}"
    await client.create(PODS, _pod(name, index), namespace)
    await client.patch(PODS, name, {"status": _status(index)}, namespace, subresource="status")


def _pod(name: str, index: int) -> dict[str, Any]:
    model = f"model-{index % 250:03d}"
    template = index % 250
    return {
        "metadata": {
            "name": name,
            "ownerReferences": [_owner(f"{model}-7d9f8b6c5d", template)],
            "labels": {
                "app.kubernetes.io/name": model,
                "app.kubernetes.io/component": "predictor",
                "app.kubernetes.io/managed-by": "helm",
                "pod-template-hash": "7d9f8b6c5d",
                "llm-d.ai/role": "decode" if template % 3 else "prefill",
            },
            "annotations": {
                "prometheus.io/scrape": "true",
                "prometheus.io/port": "8000",
                "checksum/config": f"{template:064x}",
                "cni.projectcalico.org/podIP": _address(index) + "/32",
                "kubectl.kubernetes.io/restartedAt": "2026-10-01T10:00:00Z",
            },
        },
        "spec": {
            "nodeName": f"bench-{index % NODE_COUNT:03d}",
            "tolerations": [{"operator": "Exists"}],
            "containers": [_server(model), _sidecar()],
            "volumes": [
                {"name": "cache", "emptyDir": {"sizeLimit": "200Gi"}},
                {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "16Gi"}},
            ],
            "terminationGracePeriodSeconds": 120,
        },
    }


def _owner(name: str, template: int) -> dict[str, Any]:
    uid = f"00000000-0000-4000-8000-{template:012d}"
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": name, "uid": uid, "controller": True}


def _address(index: int) -> str:
    return f"10.{index // 62500}.{index // 250 % 250}.{index % 250}"


def _server(model: str) -> dict[str, Any]:
    return {
        "name": "vllm",
        "image": "registry.example.com/inference/vllm-openai:v0.14.1",
        "args": [
            "--model",
            f"/models/{model}",
            "--tensor-parallel-size",
            "1",
            "--max-num-seqs",
            "256",
            "--port",
            "8000",
        ],
        "env": [{"name": name, "value": f"{name.lower()}-of-{model}"} for name in _ENVIRONMENT]
        + [{"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}],
        "ports": [{"name": "http", "containerPort": 8000}],
        "resources": {
            "requests": {"cpu": "8", "memory": "64Gi", "nvidia.com/gpu": "1", "climatik.io/watts": "700"},
            "limits": {"memory": "64Gi", "nvidia.com/gpu": "1", "climatik.io/watts": "700"},
        },
        "readinessProbe": {"httpGet": {"path": "/health", "port": "http"}, "periodSeconds": 5},
        "livenessProbe": {"httpGet": {"path": "/health", "port": "http"}, "initialDelaySeconds": 600},
        "volumeMounts": [{"name": "cache", "mountPath": "/cache"}, {"name": "shm", "mountPath": "/dev/shm"}],
    }


def _sidecar() -> dict[str, Any]:
    return {
        "name": "proxy",
        "image": "registry.example.com/mesh/proxy:1.30.2",
        "args": ["--concurrency", "2", "--log-level", "warning"],
        "env": [{"name": name, "value": "proxy"} for name in _ENVIRONMENT[:5]],
        "resources": {"requests": {"cpu": "200m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "ports": [{"name": "metrics", "containerPort": 15090}],
    }


def _status(index: int) -> dict[str, Any]:
    moment = "2026-11-01T08:00:00Z"
    address = _address(index)
    conditions = ("Initialized", "Ready", "ContainersReady", "PodScheduled", "PodReadyToStartContainers")
    return {
        "phase": "Running",
        "startTime": moment,
        "podIP": address,
        "podIPs": [{"ip": address}],
        "hostIP": "192.0.2.1",
        "qosClass": "Burstable",
        "conditions": [{"type": name, "status": "True", "lastTransitionTime": moment} for name in conditions],
        "containerStatuses": [_container_status(name, index, moment) for name in ("vllm", "proxy")],
    }


def _container_status(name: str, index: int, moment: str) -> dict[str, Any]:
    return {
        "name": name,
        "ready": True,
        "started": True,
        "restartCount": 0,
        "image": f"registry.example.com/{name}:v1",
        "imageID": f"registry.example.com/{name}@sha256:{'ab' * 32}",
        "containerID": f"containerd://{index:064x}",
        "state": {"running": {"startedAt": moment}},
    }
