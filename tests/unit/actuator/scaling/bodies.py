"""Owners of counts in plain JSON types, as handles see them."""

from __future__ import annotations

from typing import Any

from actuator.scaling.handles.autoscaler import HPA
from actuator.scaling.handles.deployment import DEPLOYMENT
from actuator.scaling.handles.inference_service import INFERENCE_SERVICE
from actuator.scaling.handles.llm_inference_service import LLM_INFERENCE_SERVICE, PREFILL
from actuator.scaling.handles.scaled_object import SCALED_OBJECT

Body = dict[str, Any]
PAUSED = "autoscaling.keda.sh/paused-replicas"

__all__ = [
    "DEPLOYMENT", "HPA", "INFERENCE_SERVICE", "LLM_INFERENCE_SERVICE", "PAUSED", "PREFILL", "SCALED_OBJECT",
    "Body", "deployment", "hpa", "inference_service", "llm", "scaled_object",
]  # fmt: skip


def deployment(replicas: int | None) -> Body:
    return {"spec": {} if replicas is None else {"replicas": replicas}}


def hpa(maximum: int, minimum: int | None = None) -> Body:
    return {"spec": {"maxReplicas": maximum, **({} if minimum is None else {"minReplicas": minimum})}}


def scaled_object(maximum: int | None = None, minimum: int | None = None, paused: str | None = None) -> Body:
    spec = {"maxReplicaCount": maximum, "minReplicaCount": minimum}
    body: Body = {"spec": {key: value for key, value in spec.items() if value is not None}}
    if paused is not None:
        body["metadata"] = {"annotations": {PAUSED: paused}}
    return body


def inference_service(maximum: int | None, minimum: int | None = None) -> Body:
    predictor = {"maxReplicas": maximum, "minReplicas": minimum}
    return {"spec": {"predictor": {key: value for key, value in predictor.items() if value is not None}}}


def llm(main: Body, prefill: Body | None = None) -> Body:
    return {"spec": {**main, **({} if prefill is None else {"prefill": prefill})}}
