"""What the agent keeps on its Node: watts that pods can request, the taint of an uncapped node, a label.

Pure: a Node goes in, the patch that puts it right comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from common.api.core import Node
from common.api.names import LABEL_BOOT_PROTECTED, TAINT_UNCAPPED, WATTS_RESOURCE
from common.api.quantity import whole_number

TAINT_EFFECT = "NoSchedule"


OFFER_NAMEPLATE = "nameplate"
OFFER_SHARE = "share"


@dataclass(frozen=True)
class OfferSettings:
    """How many watts a node offers to pods.

    Attributes:
        fixed_watts: As ``--advertised-watts``: so many; 0 for none, -1 for what ``kind`` says.
        kind: The nameplate, or the node's share of the caps above it.
    """

    fixed_watts: int = -1
    kind: str = OFFER_NAMEPLATE


def offered_watts(settings: OfferSettings, nameplate_watts: int, share_watts: int | None) -> int | None:
    """Returns the watts to offer; None for none, also while the share is asked for and nobody knows it."""
    if settings.fixed_watts >= 0:
        return settings.fixed_watts or None
    if settings.kind == OFFER_NAMEPLATE:
        return nameplate_watts
    return None if share_watts is None else min(share_watts, nameplate_watts)


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
