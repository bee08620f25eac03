"""Whether a node may take a pod by its labels and taints, as the scheduler's filters see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from common.api.core import Node, Taint
from common.api.placement import PlacedSpec

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_HARD = ("NoSchedule", "NoExecute")


def unwilling(spec: PlacedSpec, node: Node) -> str:
    """Returns why a node may not take a pod, in a few words; empty where it may."""
    return next(_reasons(spec, node), "")


def mild_taints(spec: PlacedSpec, node: Node) -> int:
    """Returns how many taints the pod should rather avoid."""
    return sum(not _tolerated(spec, taint) for taint in _tainted(node, ("PreferNoSchedule",)))


def _reasons(spec: PlacedSpec, node: Node) -> Iterator[str]:
    if node.spec.unschedulable:
        yield "cordoned"
    if any(not _tolerated(spec, taint) for taint in _tainted(node, _HARD)):
        yield "tainted"
    labels = node.metadata.labels
    if any(labels.get(name) != value for name, value in spec.node_selector.items()):
        yield "not selected by nodeSelector"
    if not _affine(spec.affinity, node):
        yield "excluded by node affinity"


def _tainted(node: Node, effects: tuple[str, ...]) -> Iterable[Taint]:
    return (taint for taint in node.spec.taints if taint.effect in effects)


def _tolerated(spec: PlacedSpec, taint: Taint) -> bool:
    return any(toleration.tolerates(taint) for toleration in spec.tolerations)


def _affine(affinity: Mapping[str, Any], node: Node) -> bool:
    required = (affinity.get("nodeAffinity") or {}).get(REQUIRED)
    if not required:
        return True
    return any(_term(term, node) for term in required.get("nodeSelectorTerms") or ())


def _term(term: Mapping[str, Any], node: Node) -> bool:
    """Whether a node fits a term; one without any demand fits none, as in Kubernetes."""
    expressions, fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
    named = {"metadata.name": node.name}
    fits = all(_holds(one, node.metadata.labels) for one in expressions)
    return bool(expressions or fields) and fits and all(_holds(one, named) for one in fields)


def _holds(one: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = one.get("key", ""), one.get("values") or []
    present = labels.get(key)
    verdicts = {
        "In": present in values,
        "NotIn": present not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
        "Gt": _compared(present, values) > 0,
        "Lt": _compared(present, values) < 0,
    }
    return verdicts.get(one.get("operator", ""), False)


def _compared(present: str | None, values: list[str]) -> int:
    """Returns the sign of label minus bound; 0 where either is no whole number."""
    try:
        left, right = int(present or ""), int(values[0])
    except (ValueError, IndexError):
        return 0
    return (left > right) - (left < right)
