"""Every kind with a handle of its own."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from actuator.scaling.handles.autoscaler import HPA
from actuator.scaling.handles.deployment import DEPLOYMENT
from actuator.scaling.handles.handle import Handle
from actuator.scaling.handles.inference_service import INFERENCE_SERVICE
from actuator.scaling.handles.job import JOB
from actuator.scaling.handles.llm_inference_service import LLM_INFERENCE_SERVICE
from actuator.scaling.handles.scaled_object import SCALED_OBJECT
from actuator.scaling.handles.stateful_set import STATEFUL_SET
from common.api.core import ObjectReference

HANDLES: Final[tuple[Handle, ...]] = (
    SCALED_OBJECT, HPA, DEPLOYMENT, STATEFUL_SET, INFERENCE_SERVICE, LLM_INFERENCE_SERVICE, JOB,
)  # fmt: skip

_BY_KIND = {(handle.resource.group, handle.resource.kind): handle for handle in HANDLES}


def group_of(api_version: str) -> str:
    """Returns the group of an ``apiVersion``; the core group's is empty."""
    return api_version.rpartition("/")[0]


def known_handle(reference: ObjectReference) -> Handle | None:
    """Returns the handle of an object's kind, whatever version of it the reference names."""
    return _BY_KIND.get((group_of(reference.api_version), reference.kind))


def canonical(reference: ObjectReference) -> ObjectReference:
    """Returns the reference by which an object is known here: without uid, in the version of its handle."""
    handle = known_handle(reference)
    version = handle.resource.api_version if handle else reference.api_version
    return replace(reference, api_version=version, uid="")
