"""Leads the replacement of a pod that the actuator moved to the node where its place is held.

The place is held by a placeholder of low priority; a pod that may go nowhere else makes the scheduler put it
in the placeholder's stead. A label that the pod's own author demands is never changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from admission.operations import Operation, set_node_selector
from admission.placement import bound_node, node_selector
from admission.pods import Pod, controller_of, spec_of
from common.api.places import LABEL_HOSTNAME, Place, place_for


def steer(pod: Pod, places: Iterable[Place], now: datetime) -> list[Operation]:
    """Returns the operations that lead a pod to its place; none where none is held for it."""
    owner = controller_of(pod)
    place = place_for(places, str(owner.get("uid") or ""), now) if owner else None
    if place is None or bound_node(pod) or LABEL_HOSTNAME in node_selector(pod):
        return []
    return set_node_selector(spec_of(pod), {LABEL_HOSTNAME: place.hostname})
