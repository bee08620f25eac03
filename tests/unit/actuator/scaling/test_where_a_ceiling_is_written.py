"""By kind: which field bounds the count, how low it may go, and what the count can be at the most."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from actuator.scaling.decide import ceiling_in_force
from actuator.scaling.fields import Value, annotation_pointer, merge_patch, plain_name, read_field
from actuator.scaling.handles.handle import Handle, Place
from actuator.scaling.handles.registry import HANDLES, canonical, known_handle
from common.api.core import ObjectReference

from .bodies import (
    DEPLOYMENT,
    HPA,
    INFERENCE_SERVICE,
    LLM_INFERENCE_SERVICE,
    PAUSED,
    PREFILL,
    SCALED_OBJECT,
    Body,
    deployment,
    hpa,
    inference_service,
    llm,
    scaled_object,
)


class Case(NamedTuple):
    handle: Handle
    body: Body
    ceiling: int
    changed: dict[str, Value]
    part: str = ""


MAXIMUM, PAUSE = "/spec/maxReplicaCount", annotation_pointer(PAUSED)
PREDICTOR = "/spec/predictor/maxReplicas"

CASES = {
    "a deployment": Case(DEPLOYMENT, deployment(4), 2, {"/spec/replicas": 2}),
    "a deployment to zero": Case(DEPLOYMENT, deployment(4), 0, {"/spec/replicas": 0}),
    "a deployment that is low enough": Case(DEPLOYMENT, deployment(2), 3, {}),
    "a deployment without a count has one": Case(DEPLOYMENT, deployment(None), 0, {"/spec/replicas": 0}),
    "a deployment without a count and a ceiling of one": Case(DEPLOYMENT, deployment(None), 1, {}),
    "an autoscaler": Case(HPA, hpa(8), 3, {"/spec/maxReplicas": 3}),
    "an autoscaler stops at its minimum": Case(HPA, hpa(8, 4), 3, {"/spec/maxReplicas": 4}),
    "an autoscaler has no zero": Case(HPA, hpa(8), 0, {"/spec/maxReplicas": 1}),
    "a scaled object": Case(SCALED_OBJECT, scaled_object(6), 3, {MAXIMUM: 3}),
    "a scaled object has 100 by default": Case(SCALED_OBJECT, scaled_object(), 3, {MAXIMUM: 3}),
    "a scaled object stops at its minimum": Case(SCALED_OBJECT, scaled_object(6, 2), 0, {MAXIMUM: 2}),
    "a scaled object is paused at zero": Case(SCALED_OBJECT, scaled_object(6), 0, {PAUSE: "0"}),
    "a person's pause is lowered": Case(SCALED_OBJECT, scaled_object(6, paused="5"), 3, {PAUSE: "3"}),
    "a person's pause that is low enough": Case(SCALED_OBJECT, scaled_object(6, paused="2"), 3, {}),
    "an inference service": Case(INFERENCE_SERVICE, inference_service(5, 1), 2, {PREDICTOR: 2}),
    "an inference service stops at its minimum": Case(
        INFERENCE_SERVICE, inference_service(5, 3), 2, {PREDICTOR: 3}
    ),
    "an inference service without a maximum has its minimum": Case(
        INFERENCE_SERVICE, inference_service(None, 3), 2, {}
    ),
    "the bounds of an llm service": Case(
        LLM_INFERENCE_SERVICE, llm({"scaling": {"maxReplicas": 4}}), 2, {"/spec/scaling/maxReplicas": 2}
    ),
    "the bounds of an llm service stop at the minimum": Case(
        LLM_INFERENCE_SERVICE,
        llm({"scaling": {"minReplicas": 3, "maxReplicas": 4}}),
        0,
        {"/spec/scaling/maxReplicas": 3},
    ),
    "an llm service's count": Case(LLM_INFERENCE_SERVICE, llm({"replicas": 4}), 0, {"/spec/replicas": 0}),
    "the bounds of its prefill workload": Case(
        LLM_INFERENCE_SERVICE,
        llm({"replicas": 4}, {"scaling": {"maxReplicas": 3}}),
        1,
        {"/spec/prefill/scaling/maxReplicas": 1},
        PREFILL,
    ),
    "the count of its prefill workload": Case(
        LLM_INFERENCE_SERVICE,
        llm({"scaling": {"maxReplicas": 4}}, {"replicas": 3}),
        1,
        {"/spec/prefill/replicas": 1},
        PREFILL,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_field_and_value(case: Case) -> None:
    pointers = case.handle.pointers(case.body, case.part)
    original = {pointer: read_field(case.body, pointer) for pointer in pointers}
    wanted = case.handle.bounded(case.body, case.part, original, case.ceiling)
    assert {p: value for p, value in wanted.items() if value != original[p]} == case.changed
    before = ceiling_in_force(case.handle, case.body, case.part)
    after = case.handle.most(case.body, case.part, wanted)
    assert after == min(before, max(case.ceiling, case.handle.least(case.body, case.part)))


def test_a_llm_service_without_prefill_has_one_part() -> None:
    assert LLM_INFERENCE_SERVICE.pointers(llm({"replicas": 1}), PREFILL) == ()
    assert LLM_INFERENCE_SERVICE.parts(llm({"replicas": 1})) == ("",)


def test_an_inference_service_bears_no_annotation_of_ours() -> None:
    assert [h.resource.kind for h in HANDLES if h.place is Place.POLICY] == ["InferenceService"]


def test_a_kind_is_found_in_any_of_its_versions() -> None:
    older = ObjectReference(
        api_version="serving.kserve.io/v1alpha1", kind="LLMInferenceService", name="a", namespace="n", uid="u"
    )
    assert known_handle(older) is LLM_INFERENCE_SERVICE
    assert canonical(older) == ObjectReference(
        api_version="serving.kserve.io/v1alpha2", kind="LLMInferenceService", name="a", namespace="n"
    )
    assert known_handle(ObjectReference(api_version="other.io/v1", kind="Deployment")) is None


def test_a_patch_touches_the_named_fields_alone() -> None:
    patch = merge_patch({MAXIMUM: 3, PAUSE: None})
    assert patch == {"spec": {"maxReplicaCount": 3}, "metadata": {"annotations": {PAUSED: None}}}
    assert (plain_name(MAXIMUM), plain_name(PAUSE)) == ("spec.maxReplicaCount", f"annotation {PAUSED}")
