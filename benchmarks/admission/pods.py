"""The pod of the admission benchmark, as a review and as a request to create it."""

from __future__ import annotations

import json
from typing import Any


def pod(namespace: str, app: str, owner: dict[str, Any] | None = None) -> dict[str, Any]:
    """Returns an inference server's pod as a ReplicaSet makes it: two containers, probes, volumes."""
    labels = {
        "app": app,
        "tier": "serving",
        "team": "chat",
        "release": "r1",
        "pod-template-hash": "6d4cf56db6",
    }
    meta: dict[str, Any] = {"generateName": f"{app}-6d4cf56db6-", "namespace": namespace, "labels": labels}
    if owner is not None:
        meta["ownerReferences"] = [owner]
    spec = {
        "containers": [_server(), _sidecar()],
        "volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "1Gi"}}],
        "terminationGracePeriodSeconds": 60,
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def review(namespace: str, app: str) -> bytes:
    """Returns a review of about 4 kB, with the parts that an API server adds."""
    kind = {"group": "", "version": "v1", "kind": "Pod"}
    resource = {"group": "", "version": "v1", "resource": "pods"}
    request = {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": kind, "resource": resource, "requestKind": kind, "requestResource": resource,
        "name": "", "namespace": namespace, "operation": "CREATE",
        "userInfo": {
            "username": "system:serviceaccount:kube-system:replicaset-controller",
            "uid": "0a4ee7f9-3f55-4a4c-9a63-6a6b8c3a8d5b",
            "groups": ["system:serviceaccounts", "system:authenticated"],
        },
        "object": pod(namespace, app) | {"status": {}},
        "oldObject": None, "dryRun": False,
        "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
    }  # fmt: skip
    body = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}
    return json.dumps(body, separators=(",", ":")).encode()


def post(path: str, body: bytes, host: str = "127.0.0.1") -> str:
    """Returns a whole HTTP/1.1 request."""
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: benchmark\r\nAccept: application/json\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body.decode()}"


def _server() -> dict[str, Any]:
    probe = {"httpGet": {"path": "/health", "port": 8000}, "periodSeconds": 5, "failureThreshold": 3}
    return {
        "name": "server",
        "image": "registry.example/vllm-openai:v0.11.0",
        "args": ["--model", "meta-llama/Llama-3.1-70B-Instruct", "--tensor-parallel-size", "2"],
        "env": [
            {"name": f"SETTING_{number}", "value": "some-value-of-the-usual-length"} for number in range(20)
        ],
        "ports": [{"name": "http", "containerPort": 8000}],
        "resources": {
            "requests": {"cpu": "4", "memory": "16Gi", "nvidia.com/gpu": "2"},
            "limits": {"memory": "16Gi", "nvidia.com/gpu": "2"},
        },
        "readinessProbe": probe,
        "livenessProbe": probe,
        "volumeMounts": [{"name": "cache", "mountPath": "/var/cache/models"}],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }


def _sidecar() -> dict[str, Any]:
    return {
        "name": "metrics",
        "image": "registry.example/exporter:v1",
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
        "ports": [{"name": "metrics", "containerPort": 9400}],
    }
