"""What KServe does for an LLMInferenceService with ``scaling.keda``, or with a count.

- It makes one ScaledObject for the main and one for the prefill workload, with ``scaling``'s bounds and no
  annotations, and writes over it whenever spec, labels or annotations differ; KEDA's label and finalizers are
  kept (expectedDirectScaledObject, semanticScaledObjectIsEqual and PreserveKEDAManagedMetadata,
  pkg/controller/v1alpha2/llmisvc/scaling.go; names from mainScaledObjectName and its like).
- Without ``scaling`` the Deployment's count is the service's, at every round.
"""

from __future__ import annotations

from collections.abc import Callable

from common.api.apps import DEPLOYMENTS
from common.api.autoscaling import SCALED_OBJECTS
from common.api.kserve import LLM_INFERENCE_SERVICES
from common.kube.client import Client

from .store import Body, get_body, list_bodies, owned_by

_KEDAS_LABEL = "scaledobject.keda.sh/name"


async def reconcile_llm_services(
    client: Client, namespace: str, template: Callable[[str], Body], triggers: list[Body]
) -> None:
    """Does one round over all LLMInferenceServices of a namespace."""
    for service in await list_bodies(client, LLM_INFERENCE_SERVICES, namespace):
        if "deletionTimestamp" in service["metadata"]:
            continue
        await _workload(client, service, service["spec"], "kserve", (template, triggers))
        if "prefill" in service["spec"]:
            parts = service["spec"]["prefill"]
            await _workload(client, service, parts, "kserve-prefill", (template, triggers))


async def _workload(
    client: Client, service: Body, spec: Body, suffix: str, made_of: tuple[Callable[[str], Body], list[Body]]
) -> None:
    template, triggers = made_of
    namespace, name = service["metadata"]["namespace"], f"{service['metadata']['name']}-{suffix}"
    owners = [owned_by(service, LLM_INFERENCE_SERVICES)]
    scaling = spec.get("scaling")
    count = scaling.get("minReplicas", 1) if scaling else spec.get("replicas", 1)
    present = await get_body(client, DEPLOYMENTS, namespace, name)
    if present is None:
        body = {"metadata": {"name": name, "ownerReferences": owners}, "spec": template(name)}
        body["spec"]["replicas"] = count
        await client.create(DEPLOYMENTS, body, namespace)
    elif scaling is None and present["spec"]["replicas"] != count:
        await client.patch(DEPLOYMENTS, name, {"spec": {"replicas": count}}, namespace)
    if scaling is not None:
        await _scaled_object(client, service, scaling, (name, triggers))


async def _scaled_object(
    client: Client, service: Body, scaling: Body, target: tuple[str, list[Body]]
) -> None:
    (workload, triggers), namespace = target, service["metadata"]["namespace"]
    name = f"{workload}-keda"
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": workload},
        "triggers": triggers,
        "minReplicaCount": scaling.get("minReplicas", 1),
        "maxReplicaCount": scaling["maxReplicas"],
    }
    labels = {"app.kubernetes.io/name": service["metadata"]["name"]}
    metadata: Body = {
        "name": name,
        "namespace": namespace,
        "labels": labels,
        "ownerReferences": [owned_by(service, LLM_INFERENCE_SERVICES)],
    }
    present = await get_body(client, SCALED_OBJECTS, namespace, name)
    if present is None:
        await client.create(SCALED_OBJECTS, {"metadata": metadata, "spec": spec}, namespace)
        return
    there = present["metadata"]
    if _KEDAS_LABEL in there.get("labels", {}):
        labels[_KEDAS_LABEL] = there["labels"][_KEDAS_LABEL]
    if present["spec"] != spec or there.get("labels") != labels or there.get("annotations"):
        metadata |= {"resourceVersion": there["resourceVersion"], "finalizers": there.get("finalizers", [])}
        await client.replace(SCALED_OBJECTS, {"metadata": metadata, "spec": spec})
