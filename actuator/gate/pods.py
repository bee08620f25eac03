"""Which pods may be stopped at all, whatever the need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from actuator.gate.refusal import Refusal
from actuator.gate.settings import GateSettings
from common.api.core import Pod
from common.api.exempt import is_mirror, is_opted_out
from common.api.meta import parse_time
from common.api.names import ANNOTATION_OPT_OUT, WATTS_RESOURCE
from common.api.quantity import whole_number

SAFE_TO_EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict"
_NEVER_REPLACED = frozenset({"DaemonSet", "Node"})


def pod_refusal(pod: Pod, now: datetime, settings: GateSettings) -> Refusal | None:
    """Returns the first reason why a pod may not be stopped; None where it may."""
    return next(_refusals(pod, now, settings), None)


def is_ready(pod: Pod) -> bool:
    """Whether a pod serves now: running, ready and not on its way out."""
    ready = any(one.type == "Ready" and one.status == "True" for one in pod.status.conditions)
    return pod.status.phase == "Running" and ready and not pod.metadata.deletion_timestamp


def reserved_watts(pod: Pod) -> int:
    """Returns the watts that the scheduler holds for a pod; 0 where none were reserved as a resource."""
    return sum(
        whole_number(container.resources.requests.get(WATTS_RESOURCE, "")) or 0
        for container in pod.spec.containers or ()
    )


def _refusals(pod: Pod, now: datetime, settings: GateSettings) -> Iterator[Refusal]:
    meta = pod.metadata
    if meta.deletion_timestamp or pod.status.phase != "Running":
        yield Refusal("NotRunning", "it is not running, or on its way out")
    if is_mirror(meta.annotations):
        yield Refusal("MirrorPod", "it is a static pod, which no eviction stops")
    yield from _owner(pod)
    if is_opted_out(meta.annotations, meta.labels):
        yield Refusal("OptedOut", f"it bears {ANNOTATION_OPT_OUT}")
    if meta.annotations.get(SAFE_TO_EVICT) == "false":
        yield Refusal("NotSafeToEvict", f'it bears {SAFE_TO_EVICT}: "false"')
    started = parse_time(pod.status.start_time) or parse_time(meta.creation_timestamp)
    if started is None or now - started < settings.pod_age:
        text = f"it started less than {settings.pod_age.total_seconds():g} s ago and is still settling"
        yield Refusal("StillSettling", text)
    if not settings.unreserved and not reserved_watts(pod):
        text = f"it has no {WATTS_RESOURCE} reserved: the scheduler would not hold back its replacement"
        yield Refusal("NotReserved", text)


def _owner(pod: Pod) -> Iterator[Refusal]:
    owner = next((one for one in pod.metadata.owner_references if one.controller), None)
    if owner is None:
        yield Refusal("BarePod", "nothing owns it: an evicted bare pod never comes back")
    elif owner.kind in _NEVER_REPLACED:
        yield Refusal("NodePod", f"its {owner.kind} puts it back on the same node at once")
