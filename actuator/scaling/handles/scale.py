"""Any other kind with a ``/scale`` subresource: the count is read and lowered there."""

from __future__ import annotations

from actuator.scaling.handles.handle import Place
from actuator.scaling.handles.replicas import ReplicasHandle
from common.api.autoscaling import Scale
from common.api.resource import Resource

SCALE = "scale"


def scale_handle(resource: Resource[Scale]) -> ReplicasHandle:
    """Returns the handle of a kind that was discovered.

    The original is remembered on the policy: for a kind that we do not know, rights to ``/scale`` are enough.
    """
    return ReplicasHandle(resource, place=Place.POLICY)
