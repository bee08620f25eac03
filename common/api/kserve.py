"""Slim views of KServe's services: only what bounds their replicas."""

from __future__ import annotations

from common.api.meta import KubeObject, Struct
from common.api.resource import Resource

KSERVE_GROUP = "serving.kserve.io"
ANNOTATION_AUTOSCALER_CLASS = "serving.kserve.io/autoscalerClass"
"""``hpa``, ``keda``, or ``external`` and ``none``, where KServe makes no scaler of its own."""


class Predictor(Struct, frozen=True):
    """Bounds of the predictor; an absent minimum counts as 1, an absent maximum as the minimum."""

    min_replicas: int | None = None
    max_replicas: int | None = None


class InferenceServiceSpec(Struct, frozen=True):
    """The predictor; transformer and explainer are not read."""

    predictor: Predictor = Predictor()


class InferenceService(KubeObject, frozen=True):
    """An InferenceService."""

    spec: InferenceServiceSpec = InferenceServiceSpec()


class Scaling(Struct, frozen=True):
    """Bounds between which a workload is scaled; an absent minimum counts as 1."""

    min_replicas: int | None = None
    max_replicas: int | None = None


class Prefill(Struct, frozen=True):
    """The prefill workload: a count, or bounds, never both."""

    replicas: int | None = None
    scaling: Scaling | None = None


class LLMInferenceServiceSpec(Struct, frozen=True):
    """The main (decode) workload's count or bounds, never both, and the prefill workload's."""

    replicas: int | None = None
    scaling: Scaling | None = None
    prefill: Prefill | None = None


class LLMInferenceService(KubeObject, frozen=True):
    """An LLMInferenceService."""

    spec: LLMInferenceServiceSpec = LLMInferenceServiceSpec()


INFERENCE_SERVICES = Resource(
    kind="InferenceService",
    plural="inferenceservices",
    type=InferenceService,
    group=KSERVE_GROUP,
    version="v1beta1",
    namespaced=True,
)
LLM_INFERENCE_SERVICES = Resource(
    kind="LLMInferenceService",
    plural="llminferenceservices",
    type=LLMInferenceService,
    group=KSERVE_GROUP,
    version="v1alpha2",
    namespaced=True,
)
