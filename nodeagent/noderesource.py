"""What the agent keeps on its Node: watts that pods can request, the taint of an uncapped node, a label.

Pure: a Node goes in, the patch that puts it right comes out.
"""

from __future__ import annotations

from typing import Any

from common.api.core import Node
from common.api.names import LABEL_BOOT_PROTECTED, TAINT_UNCAPPED, WATTS_RESOURCE
from common.api.quantity import whole_number

TAINT_EFFECT = "NoSchedule"


def advertised_watts(setting: int, nameplate_watts: int) -> int | None:
    """Returns the watts to offer to pods: -1 stands for the nameplate, 0 for none (None)."""
    if setting == 0:
        return None
    return nameplate_watts if setting < 0 else setting


def capacity_patch(node: Node, watts: int | None) -> dict[str, Any] | None:
    """Returns the merge patch of ``nodes/status`` that offers watts to pods, or None where nothing is to do.

    An offer is only ever raised: a kubelet that restarts while capacity is under what its pods requested
    kills one of them.
    """
    if watts is None:
        return None
    offered = whole_number(node.status.capacity.get(WATTS_RESOURCE, ""))
    if offered is not None and offered >= watts:
        return None
    return {"status": {"capacity": {WATTS_RESOURCE: str(watts)}}}


def label_patch(node: Node, *, protected: bool | None) -> dict[str, Any] | None:
    """Returns the merge patch that says whether the node's boot began at base; None where it is right.

    Args:
        node: The Node.
        protected: Whether it did; None where no host unit ever ran: then the label is a person's own word.
    """
    labelled = node.metadata.labels.get(LABEL_BOOT_PROTECTED) == "true"
    if protected is None or labelled == protected:
        return None
    return {"metadata": {"labels": {LABEL_BOOT_PROTECTED: "true" if protected else None}}}


def taint_patch(node: Node, *, uncapped: bool) -> list[dict[str, Any]] | None:
    """Returns the JSON patch that sets the taint or takes it away; None where it is right.

    The list of taints is one value to the API server, so the patch holds only for the version that was seen.

    Args:
        node: The Node.
        uncapped: Whether the node's devices do not bear the caps that its domain counts with.
    """
    keys = [taint.key for taint in node.spec.taints]
    if uncapped == (TAINT_UNCAPPED in keys):
        return None
    seen = {"op": "test", "path": "/metadata/resourceVersion", "value": node.metadata.resource_version}
    if not uncapped:
        return [seen, {"op": "remove", "path": f"/spec/taints/{keys.index(TAINT_UNCAPPED)}"}]
    taint = {"key": TAINT_UNCAPPED, "effect": TAINT_EFFECT}
    if keys:
        return [seen, {"op": "add", "path": "/spec/taints/-", "value": taint}]
    return [seen, {"op": "add", "path": "/spec/taints", "value": [taint]}]
