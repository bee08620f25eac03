"""Places held for pods on the move: what the actuator notes on a policy, and the webhook reads there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from common.api.meta import KubeObject, ObjectMeta, OwnerReference, Struct, parse_time
from common.api.workload import controller_of

ANNOTATION_PLACES: Final = "climatik.io/places"
"""On a policy: the places held for replacements of its pods, as JSON, by the uid of the moving pod."""
LABEL_HOSTNAME: Final = "kubernetes.io/hostname"
"""The label by which a replacement is led to the node where its place is held."""


class Place(Struct, frozen=True):
    """A place that is held for the replacement of one pod.

    Attributes:
        key: The action that it belongs to.
        pod: Name of the pod that moves.
        node: Where to.
        hostname: That node's hostname label.
        source: The node that the pod leaves.
        owner: Uid of the pod's controller, which makes the replacement.
        workload: ``namespace/Kind/name``, as people know it.
        since: When it was noted.
        until: After this moment nobody is led there any more.
    """

    key: str
    pod: str
    node: str
    hostname: str
    source: str
    owner: str
    workload: str
    since: str
    until: str


_Places = dict[str, Place]


def read_places(policy: KubeObject) -> _Places:
    """Returns the places that a policy notes, by the uid of the moving pod; none if they cannot be read."""
    text = policy.metadata.annotations.get(ANNOTATION_PLACES)
    if not text:
        return {}
    try:
        return msgspec.json.decode(text, type=_Places)
    except msgspec.DecodeError:
        return {}


def write_places(places: Mapping[str, Place]) -> str | None:
    """Returns the value of the annotation; None, which removes it, where there are no places."""
    return msgspec.json.encode(dict(sorted(places.items()))).decode() if places else None


def place_for(places: Iterable[Place], owner_uid: str, now: datetime) -> Place | None:
    """Returns the place that a controller's new pod is led to now; one whose end cannot be read is none."""
    fitting = (place for place in places if place.owner == owner_uid)
    return next((one for one in fitting if (until := parse_time(one.until)) and now < until), None)


def owner_uid(meta: ObjectMeta) -> str:
    """Returns the uid of an object's controller; empty where it has none."""
    owner: OwnerReference | None = controller_of(meta.owner_references)
    return owner.uid if owner else ""
