"""What KServe does for an InferenceService in Standard mode with autoscaler class ``keda``.

- It builds the Deployment's pod template with the service's annotations, all but a configured few
  (buildPredictorResources, pkg/controller/v1beta1/inferenceservice/components/predictor.go): a new annotation
  on the service is a rollout.
- It builds the ScaledObject from ``predictor.minReplicas`` and ``maxReplicas``, the maximum at least the
  minimum, and writes over it whenever the spec differs; annotations are not compared, but go with such a
  write (createKedaScaledObject, semanticScaledObjectEquals and Reconcile in
  .../reconcilers/keda/keda_reconciler.go).
"""

from __future__ import annotations

from collections.abc import Callable

from common.api.apps import DEPLOYMENTS
from common.api.autoscaling import SCALED_OBJECTS
from common.api.kserve import INFERENCE_SERVICES
from common.kube.client import Client

from .store import Body, covers, get_body, list_bodies, owned_by

_NOT_PASSED_ON = "kubectl.kubernetes.io/last-applied-configuration"


async def reconcile_services(
    client: Client, namespace: str, template: Callable[[str], Body], triggers: list[Body]
) -> None:
    """Does one round over all InferenceServices of a namespace."""
    for service in await list_bodies(client, INFERENCE_SERVICES, namespace):
        if "deletionTimestamp" not in service["metadata"]:
            await _deployment(client, service, template)
            await _scaled_object(client, service, triggers)


async def _deployment(client: Client, service: Body, template: Callable[[str], Body]) -> None:
    namespace, name = service["metadata"]["namespace"], f"{service['metadata']['name']}-predictor"
    spec = template(name)
    spec["template"]["metadata"]["annotations"] = _passed_on(service)
    present = await get_body(client, DEPLOYMENTS, namespace, name)
    if present is None:
        minimum = service["spec"]["predictor"].get("minReplicas", 1)
        owners = [owned_by(service, INFERENCE_SERVICES)]
        metadata = {"name": name, "ownerReferences": owners}
        body = {"metadata": metadata, "spec": {**spec, "replicas": minimum}}
        await client.create(DEPLOYMENTS, body, namespace)
    elif not covers(present["spec"], spec):
        await client.patch(DEPLOYMENTS, name, {"spec": {"template": spec["template"]}}, namespace)


async def _scaled_object(client: Client, service: Body, triggers: list[Body]) -> None:
    namespace, name = service["metadata"]["namespace"], f"{service['metadata']['name']}-predictor"
    predictor = service["spec"]["predictor"]
    minimum = predictor.get("minReplicas", 1)
    spec = {
        "scaleTargetRef": {"name": name},
        "triggers": triggers,
        "minReplicaCount": minimum,
        "maxReplicaCount": max(minimum, predictor.get("maxReplicas", 0)),
    }
    metadata = {
        "name": name,
        "namespace": namespace,
        "annotations": _passed_on(service),
        "ownerReferences": [owned_by(service, INFERENCE_SERVICES)],
    }
    present = await get_body(client, SCALED_OBJECTS, namespace, name)
    if present is None:
        await client.create(SCALED_OBJECTS, {"metadata": metadata, "spec": spec}, namespace)
    elif present["spec"] != spec:
        metadata["resourceVersion"] = present["metadata"]["resourceVersion"]
        await client.replace(SCALED_OBJECTS, {"metadata": metadata, "spec": spec})


def _passed_on(service: Body) -> Body:
    annotations = service["metadata"].get("annotations", {})
    return {key: value for key, value in annotations.items() if key != _NOT_PASSED_ON}
