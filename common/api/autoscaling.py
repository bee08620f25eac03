"""Slim views of what scales workloads: HorizontalPodAutoscaler, KEDA's ScaledObject, ``/scale``."""

from __future__ import annotations

from common.api.meta import KubeObject, Struct
from common.api.resource import Resource


class ScaleTarget(Struct, frozen=True):
    """What is scaled; KEDA reads an absent kind as a Deployment."""

    api_version: str = ""
    kind: str = ""
    name: str = ""


class HorizontalPodAutoscalerSpec(Struct, frozen=True):
    """Target and bounds; an absent ``minReplicas`` counts as 1."""

    scale_target_ref: ScaleTarget = ScaleTarget()
    min_replicas: int | None = None
    max_replicas: int | None = None


class HorizontalPodAutoscaler(KubeObject, frozen=True):
    """An HPA."""

    spec: HorizontalPodAutoscalerSpec = HorizontalPodAutoscalerSpec()


class ScaledObjectSpec(Struct, frozen=True):
    """Target and bounds; absent counts are 0 at the least and 100 at the most."""

    scale_target_ref: ScaleTarget = ScaleTarget()
    min_replica_count: int | None = None
    max_replica_count: int | None = None


class ScaledObject(KubeObject, frozen=True):
    """A KEDA ScaledObject."""

    spec: ScaledObjectSpec = ScaledObjectSpec()


class ScaleSpec(Struct, frozen=True):
    """Replicas wanted."""

    replicas: int | None = None


class ScaleStatus(Struct, frozen=True):
    """Replicas there are."""

    replicas: int = 0


class Scale(KubeObject, frozen=True):
    """The ``/scale`` subresource, the same for every kind that has one."""

    spec: ScaleSpec = ScaleSpec()
    status: ScaleStatus = ScaleStatus()


HPAS = Resource(
    kind="HorizontalPodAutoscaler",
    plural="horizontalpodautoscalers",
    type=HorizontalPodAutoscaler,
    group="autoscaling",
    version="v2",
    namespaced=True,
)
SCALED_OBJECTS = Resource(
    kind="ScaledObject",
    plural="scaledobjects",
    type=ScaledObject,
    group="keda.sh",
    version="v1alpha1",
    namespaced=True,
)
