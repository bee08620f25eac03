"""What to change in a new pod: a pure function of the pod, its policy and what the nodes offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from admission import explain
from admission.avoid import NOWHERE, Room, avoid
from admission.estimate import Estimate, estimate, gpus
from admission.nameplates import Nameplates
from admission.nodes import NodeOffer
from admission.operations import Operation, set_annotations, set_resource
from admission.pods import Container, Pod, all_containers, annotations_of, containers, name_of, resources
from common.api.names import (
    ANNOTATION_EXPLANATION,
    ANNOTATION_PLACEMENT,
    ANNOTATION_POLICY,
    ANNOTATION_WATTS,
    WATTS_RESOURCE,
)
from common.api.policy import PowerCappingPolicy
from common.api.quantity import whole_number


class Outcome(StrEnum):
    """What became of a pod that a policy governs."""

    RESOURCE = "reserved-resource"
    ANNOTATION = "reserved-annotation"
    USER = "set-by-user"
    NO_CONTAINERS = "no-containers"


@dataclass(frozen=True)
class Mutation:
    """The operations on a pod, none where it is as it should be.

    Attributes:
        outcome: What was decided.
        operations: JSON Patch operations that bring it about.
        watts: Watts reserved by us; 0 where the user's own stand.
    """

    outcome: Outcome
    operations: list[Operation]
    watts: int = 0


@dataclass(frozen=True)
class _Reservation:
    """What is done about a pod's watts, and what its annotations say of it."""

    outcome: Outcome
    text: str
    operations: Sequence[Operation] = ()
    watts: int = 0
    noted: Mapping[str, str] = field(default_factory=dict)


def mutate(
    pod: Pod, policy: PowerCappingPolicy, offer: NodeOffer, nameplates: Nameplates, room: Room = NOWHERE
) -> Mutation:
    """Decides what to change in a pod.

    Watts go to the first container with a GPU, else to the first one, in limits and requests alike. What the
    user set stays. The result is idempotent: a pod with the operations applied needs none.

    Args:
        pod: As the API server sends it.
        policy: The policy that governs it.
        offer: What the nodes that it may go to have to offer.
        nameplates: What unmeasured hardware is taken to draw.
        room: The racks that it may be kept away from.
    """
    if not containers(pod):
        return Mutation(Outcome.NO_CONTAINERS, [])
    made = _reserve(pod, policy, offer, nameplates)
    away = avoid(pod, policy, made.watts or _watts_of_user(pod), room)
    wanted = {ANNOTATION_POLICY: policy.name, ANNOTATION_EXPLANATION: made.text, **made.noted}
    if away.note:
        wanted[ANNOTATION_PLACEMENT] = away.note
    operations = [*made.operations, *away.operations, *set_annotations(pod, wanted)]
    return Mutation(made.outcome, operations, made.watts)


def _reserve(pod: Pod, policy: PowerCappingPolicy, offer: NodeOffer, nameplates: Nameplates) -> _Reservation:
    place = users_place(pod)
    if place:
        return _Reservation(Outcome.USER, explain.kept(place, policy))
    wanted = estimate(pod, policy, offer, nameplates)
    bearing = _bearing(pod)
    if bearing is None and (offer.largest_watts == 0 or ANNOTATION_WATTS in annotations_of(pod)):
        return _as_annotation(policy, wanted)
    index = carrier(pod) if bearing is None else bearing
    return _as_resource(pod, index, policy, _within(wanted, offer.largest_watts))


def users_place(pod: Pod) -> str:
    """Returns where the pod sets watts that are not ours; empty where it does not."""
    explanation = annotations_of(pod).get(ANNOTATION_EXPLANATION, "")
    for container in all_containers(pod):
        watts = _watts_of(container)
        if watts is not None and not explanation.startswith(_claim(watts, container)):
            return f'container "{name_of(container)}"'
    noted = annotations_of(pod).get(ANNOTATION_WATTS)
    if noted is not None and not explanation.startswith(explain.annotation_claim(whole_number(noted) or 0)):
        return f"annotation {ANNOTATION_WATTS}"
    return ""


def carrier(pod: Pod) -> int:
    """Returns the index of the container that bears the pod's watts: the first with a GPU, else the first."""
    return next((index for index, container in enumerate(containers(pod)) if gpus(container)), 0)


def _as_resource(pod: Pod, index: int, policy: PowerCappingPolicy, wanted: Estimate) -> _Reservation:
    container = containers(pod)[index]
    operations = set_resource(container, index, WATTS_RESOURCE, str(wanted.watts))
    text = explain.reserved(_claim(wanted.watts, container), policy, wanted.reasons)
    return _Reservation(Outcome.RESOURCE, text, operations, wanted.watts)


def _as_annotation(policy: PowerCappingPolicy, wanted: Estimate) -> _Reservation:
    text = explain.reserved(explain.annotation_claim(wanted.watts), policy, wanted.reasons)
    noted = {ANNOTATION_WATTS: str(wanted.watts)}
    return _Reservation(Outcome.ANNOTATION, text, (), wanted.watts, noted)


def _bearing(pod: Pod) -> int | None:
    """The container that bears our watts from an earlier call of the same request.

    An earlier call's form is kept even where nodes have begun or ceased to offer watts since: half of each
    form on one pod could no longer be told from what the user set.
    """
    return next((index for index, each in enumerate(containers(pod)) if _watts_of(each) is not None), None)


def _within(wanted: Estimate, largest_watts: int) -> Estimate:
    """Keeps a pod schedulable: no node can give more than the largest has."""
    if wanted.watts <= largest_watts or largest_watts == 0:
        return wanted
    note = f"estimated at {wanted.watts} W and lowered to {largest_watts} W, the most that one node offers"
    return Estimate(largest_watts, (*wanted.reasons, note))


def _watts_of(container: Container) -> str | None:
    for kind in ("limits", "requests"):
        watts = resources(container, kind).get(WATTS_RESOURCE)
        if watts is not None:
            return str(watts)
    return None


def _claim(watts: int | str, container: Container) -> str:
    return explain.resource_claim(whole_number(watts) or 0, name_of(container))


def _watts_of_user(pod: Pod) -> int:
    """Watts that the user reserves himself, all containers together."""
    noted = whole_number(annotations_of(pod).get(ANNOTATION_WATTS, 0)) or 0
    return max(noted, sum(whole_number(_watts_of(each) or 0) or 0 for each in containers(pod)))
