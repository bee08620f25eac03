"""Keeps a new pod away from racks that lack the watts it needs, or that are too hot: a pure function.

What is decided is noted in an annotation, and a pod that bears it is left as it is: so a second call of the
same request changes nothing, whatever the racks report by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from admission.affinity import keys_of_user, prefer, require
from admission.operations import Operation
from admission.placement import bound_node, node_selector, pinned_node
from admission.pods import Pod, annotations_of
from admission.racks import Rack
from common.api.names import ANNOTATION_PLACEMENT
from common.api.places import LABEL_HOSTNAME
from common.api.policy import PLACEMENT_REQUIRED, PLACEMENT_UNCHANGED, PowerCappingPolicy

_MOST_RACKS: Final = 128
"""Racks that one pod's affinity names at most, those with least watts first: some 4 kB of names."""
_NAMED: Final = 4
"""Racks that the note names; it is for people."""

Expression = dict[str, Any]


@dataclass(frozen=True)
class Room:
    """What is known of where pods may go.

    Attributes:
        racks: The racks with what they report.
        left: Whether a pod finds a node at all among those that fulfil some expressions.
    """

    racks: Sequence[Rack] = ()
    left: Callable[[Pod, Sequence[Expression]], bool] = lambda pod, expressions: True


@dataclass(frozen=True)
class Avoidance:
    """The operations that keep a pod away from racks, and the annotation that says so; empty for none."""

    operations: Sequence[Operation] = ()
    note: str = ""


NOWHERE: Final = Room()
_NOTHING: Final = Avoidance()


def avoid(pod: Pod, policy: PowerCappingPolicy, watts: int, room: Room) -> Avoidance:
    """Decides which racks a pod that needs so many watts is kept away from.

    Nothing is done where the user has placed the pod: by a node's name or host name, or by the very label
    that tells the racks apart. Nor where no node would be left to it: then its watts alone decide.
    """
    placement = policy.spec.update_policy.placement
    if placement == PLACEMENT_UNCHANGED or not room.racks or _is_placed(pod):
        return _NOTHING
    taken = keys_of_user(pod)
    found = [
        (rack, why)
        for rack in room.racks
        if (why := trouble(rack, policy, watts)) and rack.elsewhere.key not in taken
    ]
    if not found:
        return _NOTHING
    found = sorted(found, key=lambda one: (one[0].headroom_watts or 0, one[0].name))[:_MOST_RACKS]
    expressions = _merged([rack for rack, _ in found])
    if not room.left(pod, expressions):
        return _NOTHING
    required = placement == PLACEMENT_REQUIRED
    operations = (require if required else prefer)(pod, expressions)
    return Avoidance(operations, _note(required, [f"{rack.name} ({why})" for rack, why in found]))


def trouble(rack: Rack, policy: PowerCappingPolicy, watts: int) -> str:
    """Returns why a pod that needs so many watts had better not go to a rack; empty where it may."""
    limits = [one.max_temperature for one in policy.spec.rack_constraints if one.rack_id == rack.name]
    limit = min((one for one in [rack.inlet_limit, *limits] if one is not None), default=None)
    if rack.inlet is not None and limit is not None and rack.inlet > limit:
        return f"inlet at {rack.inlet} °C, limit {limit} °C"
    if not rack.held:
        return "its cap does not hold now"
    if rack.headroom_watts is not None and rack.headroom_watts < max(watts, 1):
        return f"{max(0, rack.headroom_watts)} W left"
    return ""


def _is_placed(pod: Pod) -> bool:
    noted = ANNOTATION_PLACEMENT in annotations_of(pod)
    return noted or bool(bound_node(pod) or pinned_node(pod)) or LABEL_HOSTNAME in node_selector(pod)


def _merged(racks: Sequence[Rack]) -> list[Expression]:
    """One expression for each label where all racks are told apart by it, as they nearly always are."""
    values: dict[str, set[str]] = {}
    for rack in racks:
        if rack.elsewhere.operator == "NotIn":
            values.setdefault(rack.elsewhere.key, set()).update(rack.elsewhere.values)
    merged = [{"key": key, "operator": "NotIn", "values": sorted(values[key])} for key in sorted(values)]
    return merged + list(_others(racks))


def _others(racks: Sequence[Rack]) -> Iterator[Expression]:
    for rack in racks:
        one = rack.elsewhere
        if one.operator == "In":
            yield {"key": one.key, "operator": one.operator, "values": list(one.values)}
        elif one.operator != "NotIn":
            yield {"key": one.key, "operator": one.operator}


def _note(required: bool, racks: Sequence[str]) -> str:
    named = ", ".join(racks[:_NAMED])
    more = f" and {len(racks) - _NAMED} more" if len(racks) > _NAMED else ""
    return f"{'Kept off' if required else 'Prefers nodes outside of'} {named}{more}."
