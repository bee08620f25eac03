"""Node affinity by JSON Patch: ours is added to what the user wrote; applied twice is applied once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from admission.operations import Operation, add
from admission.placement import REQUIRED, node_affinity, node_selector, required_terms
from admission.pods import Pod, as_mapping, objects, spec_of

PREFERRED: Final = "preferredDuringSchedulingIgnoredDuringExecution"

_WEIGHT: Final = 50
"""Of 1 to 100: enough to lead a pod that has no wish of its own, and less than a wish of full weight."""

_BASE: Final = "/spec/affinity/nodeAffinity"

Expressions = Sequence[Mapping[str, Any]]
"""Node selector requirements in wire form, all of which must hold."""


def keys_of_user(pod: Pod) -> set[str]:
    """Returns the node labels on which the pod already has a demand or a wish."""
    keys = set(node_selector(pod))
    wishes = [as_mapping(term.get("preference")) for term in objects(node_affinity(pod).get(PREFERRED))]
    for term in [*required_terms(pod), *wishes]:
        keys |= {str(one.get("key")) for one in objects(term.get("matchExpressions"))}
    return keys


def prefer(pod: Pod, expressions: Expressions) -> list[Operation]:
    """Returns the operations by which a pod prefers nodes that fulfil all the expressions."""
    present = node_affinity(pod).get(PREFERRED)
    term = {"weight": _WEIGHT, "preference": {"matchExpressions": list(expressions)}}
    return [_set(pod, PREFERRED, [*(present if isinstance(present, list) else []), term])]


def require(pod: Pod, expressions: Expressions) -> list[Operation]:
    """Returns the operations by which a pod goes only to nodes that fulfil all the expressions.

    A node must fulfil one of the user's terms: each gets the expressions. An empty term, which no node
    fulfils, stays empty.
    """
    if not isinstance(node_affinity(pod).get(REQUIRED), dict):
        return [_set(pod, REQUIRED, {"nodeSelectorTerms": [{"matchExpressions": list(expressions)}]})]
    return list(_extended(required_terms(pod), expressions))


def _extended(terms: Sequence[Mapping[str, Any]], expressions: Expressions) -> Iterator[Operation]:
    for index, term in enumerate(terms):
        if term:
            present = term.get("matchExpressions")
            value = [*(present if isinstance(present, list) else []), *expressions]
            yield add(f"{_BASE}/{REQUIRED}/nodeSelectorTerms/{index}/matchExpressions", value)


def _set(pod: Pod, kind: str, value: Any) -> Operation:
    """Sets a part of the node affinity, with the parents that are missing."""
    affinity = spec_of(pod).get("affinity")
    if not isinstance(affinity, dict):
        return add("/spec/affinity", {"nodeAffinity": {kind: value}})
    if not isinstance(affinity.get("nodeAffinity"), dict):
        return add(_BASE, {kind: value})
    return add(f"{_BASE}/{kind}", value)
