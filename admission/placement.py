"""Where a pod may go, as far as it says so before the scheduler has seen it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from admission.pods import Pod, as_mapping, objects

_REQUIRED: Final = "requiredDuringSchedulingIgnoredDuringExecution"


def node_selector(pod: Pod) -> Mapping[str, str]:
    """Returns the labels that the pod's node must have."""
    return as_mapping(as_mapping(pod.get("spec")).get("nodeSelector"))


def bound_node(pod: Pod) -> str:
    """Returns the node that the pod names itself, past the scheduler; empty where it names none."""
    return str(as_mapping(pod.get("spec")).get("nodeName") or "")


def pinned_node(pod: Pod) -> str:
    """Returns the one node that a required affinity leaves, as on a DaemonSet's pods; empty without one."""
    affinity = as_mapping(as_mapping(pod.get("spec")).get("affinity"))
    required = as_mapping(as_mapping(affinity.get("nodeAffinity")).get(_REQUIRED))
    terms = objects(required.get("nodeSelectorTerms"))
    fields = objects(terms[0].get("matchFields")) if len(terms) == 1 else []
    for field in fields:
        values = field.get("values")
        if field.get("key") == "metadata.name" and isinstance(values, list) and len(values) == 1:
            return str(values[0])
    return ""
