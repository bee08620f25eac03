"""Reads everything that may bear something of ours; kinds that the cluster does not serve bear nothing."""

from __future__ import annotations

import json
from typing import Any

from climatik.uninstall.traces import Found
from common.kube.client import Client
from common.kube.errors import NotFound

_PLACES = "climatik-places"
_KINDS = {
    "Deployment": "/apis/apps/v1/deployments",
    "StatefulSet": "/apis/apps/v1/statefulsets",
    "Job": "/apis/batch/v1/jobs",
    "HorizontalPodAutoscaler": "/apis/autoscaling/v2/horizontalpodautoscalers",
    "ScaledObject": "/apis/keda.sh/v1alpha1/scaledobjects",
    "InferenceService": "/apis/serving.kserve.io/v1beta1/inferenceservices",
    "LLMInferenceService": "/apis/serving.kserve.io/v1alpha2/llminferenceservices",
    "PowerCappingPolicy": "/apis/climatik.io/v1alpha1/powercappingpolicies",
    "PowerDomain": "/apis/climatik.io/v1alpha1/powerdomains",
    "NodeFrequencies": "/apis/climatik.io/v1alpha1/nodefrequencies",
    "Node": "/api/v1/nodes",
}
_PAGE = 500


async def read_all(client: Client, places: str = _PLACES) -> Found:
    """Returns all objects of every kind that may bear something of ours.

    Raises:
        KubeError: A kind could not be listed.
    """
    found = {kind: await _list(client, path) for kind, path in _KINDS.items()}
    pods = await _list(
        client, f"/api/v1/namespaces/{places}/pods", {"labelSelector": "climatik.io/placeholder"}
    )
    return {**found, "Pod": pods}


async def _list(client: Client, path: str, query: dict[str, str] | None = None) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    more = {**(query or {}), "limit": str(_PAGE)}
    while True:
        try:
            answer = json.loads(await client.request("GET", path, query=more))
        except NotFound:
            return items
        items += answer.get("items") or []
        token = answer.get("metadata", {}).get("continue", "")
        if not token:
            return items
        more = {**more, "continue": token}
