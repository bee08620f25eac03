"""Bodies of the writes, complete as server-side apply wants them: a field that is left out is given up."""

from __future__ import annotations

from typing import Any

from actuator.input.picture import ANNOTATION_FORMER_DOMAIN, ANNOTATION_PLACE
from actuator.ledger.writes import WriteBudget, WriteEnforcement
from actuator.logic.setpoints import SetPoints
from common.api.frequencies import NodeFrequencies, PowerBudget
from common.api.meta import Condition, ObjectMeta, to_builtins
from common.api.names import FINALIZER_RELEASE

_NOTES = (ANNOTATION_FORMER_DOMAIN, ANNOTATION_PLACE)
"""Annotations of ours on a node's object."""


def budget_body(write: WriteBudget, points: SetPoints) -> dict[str, Any]:
    """Returns the body that writes a budget, with the node's set points beside it."""
    metadata = _metadata(write.node, write.uid, str(write.version))
    notes = {ANNOTATION_FORMER_DOMAIN: write.former_domain, ANNOTATION_PLACE: write.place}
    metadata["annotations"] = {name: domain for name, domain in notes.items() if domain}
    return {"metadata": metadata, "spec": _spec(write.node, points, write.budget)}


def points_body(item: NodeFrequencies, points: SetPoints) -> dict[str, Any]:
    """Returns the body that writes set points and leaves the budget as it is."""
    metadata = _metadata(item.name, item.metadata.uid, item.metadata.resource_version)
    kept = item.metadata.annotations
    metadata["annotations"] = {name: kept[name] for name in _NOTES if name in kept}
    return {"metadata": metadata, "spec": _spec(item.name, points, item.spec.power_budget)}


def farewell_body(metadata: ObjectMeta) -> dict[str, Any]:
    """Returns the body that gives up every field of ours, the finalizer included."""
    return {"metadata": _seen(metadata), "spec": {"nodeName": metadata.name}}


def keeps_budget(item: NodeFrequencies) -> bool:
    """Whether the schema keeps the budget in an object: its agent has not confirmed giving the hardware back.

    Where nobody will (the machine is off, or no agent ever spoke), the object can only go as a whole.
    """
    budget, status = item.spec.power_budget, item.status.power_budget
    if budget is None:
        return False
    return not (budget.release and status is not None and status.sequence == budget.sequence)


def let_go_body(metadata: ObjectMeta) -> dict[str, Any]:
    """Returns the merge patch that takes our finalizer off an object and leaves everything else."""
    kept = [one for one in metadata.finalizers if one != FINALIZER_RELEASE]
    return {"metadata": {**_seen(metadata), "finalizers": kept}}


def enforcement_body(write: WriteEnforcement, conditions: list[Condition]) -> dict[str, Any]:
    """Returns the status of a domain whose cap is held: heartbeat and conditions in one write."""
    status = {
        "enforcement": to_builtins(write.enforcement),
        "conditions": [to_builtins(condition) for condition in conditions],
    }
    metadata = {"name": write.domain, "uid": write.uid, "resourceVersion": str(write.version)}
    return {"metadata": metadata, "status": status}


def conditions_body(metadata: ObjectMeta, conditions: list[Condition]) -> dict[str, Any]:
    """Returns the status of a domain whose cap is not held."""
    found = [to_builtins(condition) for condition in conditions]
    return {"metadata": _seen(metadata), "status": {"conditions": found}}


def finalizer_body(metadata: ObjectMeta, *, held: bool) -> dict[str, Any]:
    """Returns the body that puts our finalizer on an object, or takes it off."""
    finalizers = {"finalizers": [FINALIZER_RELEASE]} if held else {}
    return {"metadata": {**_seen(metadata), **finalizers}}


def _seen(metadata: ObjectMeta) -> dict[str, Any]:
    """Returns the name, and the object and version of it that the write holds for.

    One that lands late would else take away what has been said since: a domain that is held again, and whose
    enforcement is lost so, falls to its bases.
    """
    return {"name": metadata.name, "uid": metadata.uid, "resourceVersion": metadata.resource_version}


def _metadata(name: str, uid: str, version: str) -> dict[str, Any]:
    return {"name": name, "uid": uid, "resourceVersion": version, "finalizers": [FINALIZER_RELEASE]}


def _spec(node: str, points: SetPoints, budget: PowerBudget | None) -> dict[str, Any]:
    spec: dict[str, Any] = to_builtins(points.spec(node))
    if budget is not None:
        spec["powerBudget"] = {"release": False, **to_builtins(budget)}
    return spec
