"""Where a pod may go, as far as it says so before the scheduler has seen it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from admission.pods import Pod, as_mapping, objects, spec_of
from common.api.selector import Requirement

REQUIRED: Final = "requiredDuringSchedulingIgnoredDuringExecution"


def node_selector(pod: Pod) -> Mapping[str, str]:
    """Returns the labels that the pod's node must have."""
    return as_mapping(spec_of(pod).get("nodeSelector"))


def bound_node(pod: Pod) -> str:
    """Returns the node that the pod names itself, past the scheduler; empty where it names none."""
    return str(spec_of(pod).get("nodeName") or "")


def node_affinity(pod: Pod) -> Mapping[str, Any]:
    """Returns the pod's node affinity."""
    return as_mapping(as_mapping(spec_of(pod).get("affinity")).get("nodeAffinity"))


def required_terms(pod: Pod) -> list[Mapping[str, Any]]:
    """Returns the terms one of which a node must fulfil; none where any node will do."""
    return objects(as_mapping(node_affinity(pod).get(REQUIRED)).get("nodeSelectorTerms"))


def pinned_node(pod: Pod) -> str:
    """Returns the one node that a required affinity leaves, as on a DaemonSet's pods; empty without one."""
    terms = required_terms(pod)
    fields = objects(terms[0].get("matchFields")) if len(terms) == 1 else []
    for field in fields:
        values = field.get("values")
        if field.get("key") == "metadata.name" and isinstance(values, list) and len(values) == 1:
            return str(values[0])
    return ""


def fulfils_one(terms: Sequence[Mapping[str, Any]], name: str, labels: Mapping[str, str]) -> bool:
    """Whether a node fulfils one of the terms of a node selector; an empty term is fulfilled by none."""
    return any(term and _fulfils(term, name, labels) for term in terms)


def _fulfils(term: Mapping[str, Any], name: str, labels: Mapping[str, str]) -> bool:
    parts = [(part, labels) for part in objects(term.get("matchExpressions"))]
    parts += [(part, {"metadata.name": name}) for part in objects(term.get("matchFields"))]
    return all(_requirement(part).matches(where) for part, where in parts)


def _requirement(part: Mapping[str, Any]) -> Requirement:
    """Reads one requirement; of operators that no label selector has (Gt, Lt), nobody fulfils any."""
    values = part.get("values")
    return Requirement(
        key=str(part.get("key")),
        operator=str(part.get("operator")),
        values=[str(value) for value in values] if isinstance(values, list) else [],
    )
