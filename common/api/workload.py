"""The name under which people know what a pod belongs to."""

from __future__ import annotations

from common.api.core import Pod
from common.api.meta import OwnerReference

_HASH_LABEL = "pod-template-hash"


def controller_of(references: list[OwnerReference]) -> OwnerReference | None:
    """Returns the reference to the controller, of which there is at most one."""
    return next((reference for reference in references if reference.controller), None)


def workload_of(pod: Pod) -> str:
    """Returns ``Kind/name`` of the pod's controller; a Deployment's ReplicaSet counts as the Deployment."""
    owner = controller_of(pod.metadata.owner_references)
    if owner is None:
        return f"Pod/{pod.name}"
    suffix = f"-{pod.metadata.labels.get(_HASH_LABEL, '')}"
    if owner.kind == "ReplicaSet" and len(suffix) > 1 and owner.name.endswith(suffix):
        return f"Deployment/{owner.name.removesuffix(suffix)}"
    return f"{owner.kind}/{owner.name}"
