"""Who really owns a count: from what was found on the way up from a pod, the one place to write. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from actuator.scaling.handles.llm_inference_service import PREFILL
from actuator.scaling.handles.registry import canonical, known_handle
from common.api.core import ObjectReference
from common.api.kserve import ANNOTATION_AUTOSCALER_CLASS

SEVERAL_SCALERS = "SeveralScalers"
NOT_SCALABLE = "NotScalable"
POD_GROUPS = "PodGroups"

_SCALERS = frozenset({"ScaledObject", "HorizontalPodAutoscaler"})
_SERVICES = frozenset({"InferenceService", "LLMInferenceService"})
_GROUPS = frozenset({"LeaderWorkerSet", "Pod"})
_OTHERS_SCALE = frozenset({"external", "none"})
_PREFILL_NAME = "-kserve-prefill"
"""In the names of everything that an LLMInferenceService makes for its prefill workload."""


@dataclass(frozen=True)
class Link:
    """One object on the way up.

    `scalable` tells whether it has a ``/scale`` subresource; `scalers` are the ways up from each autoscaler
    that names it as its target, lowest first.
    """

    reference: ObjectReference
    scalable: bool = False
    annotations: Mapping[str, str] = field(default_factory=dict)
    scalers: tuple[tuple[Link, ...], ...] = ()


@dataclass(frozen=True)
class Unowned:
    """Nobody's count can be bounded, and why."""

    reason: str
    message: str


def count_owner(chain: tuple[Link, ...]) -> ObjectReference | Unowned:
    """Returns whose fields bound the count of the pods under a chain of owners, lowest first.

    A service of KServe comes first, as it writes over everything under it; then whatever scales any link, at
    its own owner if it has one; then the uppermost link that can be scaled. A part of an object is named by
    the reference's field path.
    """
    kinds = [link.reference.kind for link in chain]
    if groups := _GROUPS.intersection(kinds[1:] if kinds[:1] == ["Pod"] else kinds):
        what = ", ".join(sorted(groups))
        return Unowned(POD_GROUPS, f"its replicas are groups of pods ({what}), which are not counted here")
    if service := _service(chain):
        return _with_part(service, chain)
    owners = {canonical(_top(way)): None for link in chain for way in link.scalers}
    if len(owners) > 1:
        names = ", ".join(sorted(f"{one.kind}/{one.name}" for one in owners))
        return Unowned(SEVERAL_SCALERS, f"several autoscalers name it as their target: {names}")
    if owners:
        return _with_part(next(iter(owners)), chain)
    under = [link for link in chain if link.reference.kind not in _SERVICES]
    scalable = [link.reference for link in under if link.scalable or known_handle(link.reference)]
    if not scalable:
        name = f"{chain[-1].reference.kind}/{chain[-1].reference.name}" if chain else "a bare pod"
        return Unowned(NOT_SCALABLE, f"{name} has no count that can be bounded")
    return scalable[-1]


def _top(way: tuple[Link, ...]) -> ObjectReference:
    """Returns who owns an autoscaler: a service of KServe, else the uppermost autoscaler."""
    return _service(way) or [link.reference for link in way if link.reference.kind in _SCALERS][-1]


def _service(chain: tuple[Link, ...]) -> ObjectReference | None:
    """Returns the service of KServe in a chain, unless it leaves scaling to others."""
    for link in reversed(chain):
        known = link.reference.kind in _SERVICES and known_handle(link.reference) is not None
        if known and link.annotations.get(ANNOTATION_AUTOSCALER_CLASS) not in _OTHERS_SCALE:
            return link.reference
    return None


def _with_part(owner: ObjectReference, chain: tuple[Link, ...]) -> ObjectReference:
    prefill = any(_PREFILL_NAME in link.reference.name for link in chain)
    return replace(owner, field_path=PREFILL) if owner.kind == "LLMInferenceService" and prefill else owner
