"""Which pods can be moved at all: not those that would lose what they have on their node."""

from __future__ import annotations

from actuator.gate.pods import SAFE_TO_EVICT
from actuator.gate.refusal import Refusal
from common.api.placement import PlacedPod

_LOCAL = ("emptyDir", "hostPath")


def bound_to_its_node(pod: PlacedPod) -> Refusal | None:
    """Returns why a pod cannot be moved, whatever room there is elsewhere; None where it can."""
    spec = pod.spec
    kinds = {kind: volume.get("name", "") for volume in spec.volumes for kind in volume if kind != "name"}
    local = next((kinds[kind] for kind in _LOCAL if kind in kinds), None)
    if local is not None and pod.metadata.annotations.get(SAFE_TO_EVICT) != "true":
        text = f'volume {local} is on its node and would be lost: {SAFE_TO_EVICT}: "true" allows that'
        return Refusal("LocalStorage", text)
    if "persistentVolumeClaim" in kinds:
        text = f"volume {kinds['persistentVolumeClaim']} may be bound to where it is: no place can be proven"
        return Refusal("BoundVolume", text)
    if spec.resource_claims:
        return Refusal("ResourceClaims", "devices under a ResourceClaim cannot be held for its replacement")
    if spec.host_network:
        return Refusal("HostNetwork", "its ports on the host cannot be held for its replacement")
    return None
