"""How a move goes on: what is seen of the pod, its followers and the place decides what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from common.api.core import Pod
from common.api.meta import parse_time
from common.api.placement import PlacedPod
from common.api.places import LABEL_HOSTNAME, Place, owner_uid

MOVING: Final = "Moving"
"""The pod is evicted; what follows is looked at here."""
MIGRATED: Final = "Migrated"
NOT_EVICTED: Final = "NotEvicted"
UNREADABLE: Final = "Unreadable"
TAKEN_SECONDS: Final = 20.0
"""By then a leader has had the scheduler's word and the answer to its eviction, or is gone."""
SKEW: Final = timedelta(seconds=5)
"""The webhook leads by its own clock: only so long after its end is nobody led to a place any more."""


@dataclass(frozen=True)
class Seen:
    """What is seen of one move.

    Attributes:
        pod: The pod of that uid; None once it is gone.
        others: The pods of its namespace, itself left out.
        now: The present moment.
    """

    pod: Pod | None
    others: Sequence[PlacedPod]
    now: datetime


@dataclass(frozen=True)
class Progress:
    """What comes next.

    Attributes:
        over: Whether everything of the move is to be released.
        reason: How it ended, in one word; empty while it goes on.
        message: The same in a sentence.
        stuck: Followers that are led to a place that they cannot take: their owner has to make others.
    """

    over: bool = False
    reason: str = ""
    message: str = ""
    stuck: Sequence[Pod] = ()


def progress(place: Place, seen: Seen) -> Progress:
    """Returns what comes next for a place; a pod that was never evicted keeps its own."""
    until, since = parse_time(place.until), parse_time(place.since)
    if since is None or until is None:
        return Progress(True, UNREADABLE, "its times could not be read")
    late = seen.now >= until + SKEW
    if seen.pod is not None and not seen.pod.metadata.deletion_timestamp:
        if not late and seen.now - since < timedelta(seconds=TAKEN_SECONDS):
            return Progress()
        return Progress(True, NOT_EVICTED, f"{place.pod} was not evicted: its place on {place.node} is free")
    return _followed(place, _followers(place, seen, since), late)


def _followed(place: Place, followers: Sequence[PlacedPod], late: bool) -> Progress:
    landed = next((one for one in followers if one.spec.node_name == place.node), None)
    if landed is not None:
        return Progress(True, MIGRATED, f"{landed.name} took the place of {place.pod} on {place.node}")
    waiting = [one for one in followers if not one.spec.node_name]
    elsewhere = next((one for one in followers if one.spec.node_name), None)
    led = [one for one in waiting if one.spec.node_selector.get(LABEL_HOSTNAME) == place.hostname]
    if elsewhere is not None and (late or not led):
        text = f"{elsewhere.name} came up on {elsewhere.spec.node_name} instead of {place.node}"
        return Progress(True, "LandedElsewhere", text, led)
    if not late:
        return Progress()
    if waiting:
        text = f"the scheduler did not put {waiting[0].name} on {place.node} in time"
        return Progress(True, "NotScheduled", text, led)
    return Progress(True, "NoReplacement", f"nobody followed {place.pod}: is its owner scaled down?")


def _followers(place: Place, seen: Seen, since: datetime) -> list[PlacedPod]:
    """Returns what the pod's owner has made since; creation times have whole seconds."""
    earliest = since.replace(microsecond=0)
    return [
        one
        for one in seen.others
        if owner_uid(one.metadata) == place.owner
        and not one.metadata.deletion_timestamp
        and (parse_time(one.metadata.creation_timestamp) or earliest) >= earliest
    ]
