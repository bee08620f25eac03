"""The placeholder: a pod that keeps a place until the replacement of a moving pod takes it.

It is of a negative priority, so that the scheduler puts the replacement in its stead in one step, and nobody
else can slip in between. It asks for what the moving pod asks for, under the same demands, so that the real
scheduler itself proves that the place is one. It bears none of the pod's labels: no Service, ReplicaSet or
disruption budget may take it for a replica.
"""

from __future__ import annotations

from typing import Any, Final

from actuator.placement.demands import demand
from common.api.meta import parse_time
from common.api.placement import PlacedPod
from common.api.places import LABEL_HOSTNAME, Place

LABEL_PLACEHOLDER: Final = "climatik.io/placeholder"
ANNOTATION_KEEPER: Final = "climatik.io/keeper"
"""On a placeholder: the policy that notes its place."""
ANNOTATION_UNTIL: Final = "climatik.io/until"
"""On a placeholder: when it goes, whoever leads then."""
PRIORITY_CLASS: Final = "climatik-placeholder"
_TERMS = ("requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution")


def placeholder_name(uid: str) -> str:
    """Returns the name of the placeholder for a pod: one pod never has two."""
    return f"climatik-place-{uid[:36]}"


def placeholder_body(pod: PlacedPod, place: Place, policy: str, image: str) -> dict[str, Any]:
    """Returns the placeholder to create.

    Args:
        pod: The pod that moves.
        place: The place to keep.
        policy: ``namespace/name`` of the policy that notes it.
        image: A container image that does nothing.
    """
    spec = pod.spec
    asked = {name: f"{amount:.3f}".rstrip("0").rstrip(".") for name, amount in demand(pod).items()}
    asked.pop("pods")
    begun, ends = parse_time(place.since), parse_time(place.until)
    seconds = int((ends - begun).total_seconds()) if begun and ends else 60
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": placeholder_name(pod.metadata.uid),
            "labels": {LABEL_PLACEHOLDER: "true", "app.kubernetes.io/part-of": "climatik"},
            "annotations": {ANNOTATION_KEEPER: policy, ANNOTATION_UNTIL: place.until},
        },
        "spec": {
            "priorityClassName": PRIORITY_CLASS,
            "schedulerName": spec.scheduler_name or "default-scheduler",
            "nodeSelector": {**spec.node_selector, LABEL_HOSTNAME: place.hostname},
            "affinity": _affinity(spec.affinity, pod.namespace),
            "tolerations": [_wire(one) for one in spec.tolerations],
            "activeDeadlineSeconds": max(1, seconds),
            "terminationGracePeriodSeconds": 0,
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65_534,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "place",
                    "image": image,
                    "resources": {"requests": asked, "limits": asked},
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                        "readOnlyRootFilesystem": True,
                    },
                }
            ],
        },
    }


def _affinity(affinity: dict[str, Any], namespace: str) -> dict[str, Any]:
    """Returns a pod's affinity as it has to be written from another namespace, to mean the same pods."""
    result = {key: value for key, value in affinity.items() if key == "nodeAffinity"}
    for kind in ("podAffinity", "podAntiAffinity"):
        terms = (affinity.get(kind) or {}).get(_TERMS[0])
        if terms:
            result[kind] = {_TERMS[0]: [_at_home(term, namespace) for term in terms]}
    return result


def _at_home(term: dict[str, Any], namespace: str) -> dict[str, Any]:
    named = term.get("namespaces") or "namespaceSelector" in term
    return term if named else {**term, "namespaces": [namespace]}


def _wire(toleration: Any) -> dict[str, str]:
    parts = {
        "key": toleration.key,
        "operator": toleration.operator,
        "value": toleration.value,
        "effect": toleration.effect,
    }
    return {name: value for name, value in parts.items() if value}
