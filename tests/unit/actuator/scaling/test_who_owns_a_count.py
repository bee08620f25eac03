"""From what is found on the way up from a pod, the one place where its count is bounded."""

from __future__ import annotations

import pytest

from actuator.scaling.ownership import Link, Unowned, count_owner
from common.api.core import ObjectReference
from common.api.kserve import ANNOTATION_AUTOSCALER_CLASS

API = {
    "Deployment": "apps/v1", "ReplicaSet": "apps/v1", "StatefulSet": "apps/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2", "ScaledObject": "keda.sh/v1alpha1",
    "InferenceService": "serving.kserve.io/v1beta1", "LLMInferenceService": "serving.kserve.io/v1alpha2",
    "Rollout": "argoproj.io/v1alpha1", "LeaderWorkerSet": "leaderworkerset.x-k8s.io/v1",
    "DaemonSet": "apps/v1",
}  # fmt: skip


def link(name: str, *scalers: tuple[Link, ...], scalable: bool = False, autoscaler_class: str = "") -> Link:
    kind, _, own = name.partition("/")
    reference = ObjectReference(api_version=API[kind], kind=kind, name=own, namespace="ns")
    annotations = {ANNOTATION_AUTOSCALER_CLASS: autoscaler_class} if autoscaler_class else {}
    return Link(reference, scalable, annotations, scalers)


SET, DEPLOYMENT = link("ReplicaSet/chat-1", scalable=True), link("Deployment/chat")
HPA, OBJECT = link("HorizontalPodAutoscaler/chat"), link("ScaledObject/chat")
SERVICE, LLM = link("InferenceService/chat"), link("LLMInferenceService/llama")


def scaled(*ways: tuple[Link, ...], name: str = "Deployment/chat") -> Link:
    return link(name, *ways)


CASES = {
    "a bare deployment": ((SET, DEPLOYMENT), "Deployment/chat"),
    "a bare replica set": ((SET,), "ReplicaSet/chat-1"),
    "a bare stateful set": ((link("StatefulSet/index"),), "StatefulSet/index"),
    "an autoscaler of the user's": ((SET, scaled((HPA,))), "HorizontalPodAutoscaler/chat"),
    "a scaled object, and the autoscaler that it made": (
        (SET, scaled((OBJECT,), (HPA, OBJECT))),
        "ScaledObject/chat",
    ),
    "an autoscaler that the deployment owns": (
        (SET, scaled((HPA, DEPLOYMENT))),
        "HorizontalPodAutoscaler/chat",
    ),
    "an inference service above the deployment": (
        (SET, scaled((OBJECT, SERVICE), (HPA, OBJECT, SERVICE)), SERVICE),
        "InferenceService/chat",
    ),
    "a scaled object of an inference service for a deployment without owner": (
        (SET, scaled((OBJECT, SERVICE))),
        "InferenceService/chat",
    ),
    "an inference service that leaves scaling to others": (
        (SET, scaled((HPA,)), link("InferenceService/chat", autoscaler_class="external")),
        "HorizontalPodAutoscaler/chat",
    ),
    "an inference service that nothing scales": (
        (SET, DEPLOYMENT, link("InferenceService/chat", autoscaler_class="none")),
        "Deployment/chat",
    ),
    "the main workload of an llm service": (
        (scaled((link("ScaledObject/llama-kserve-keda"), LLM), name="Deployment/llama-kserve"), LLM),
        "LLMInferenceService/llama",
    ),
    "the prefill workload of an llm service": (
        (link("Deployment/llama-kserve-prefill"), LLM),
        "LLMInferenceService/llama#spec.prefill",
    ),
    "any other kind above a replica set": (
        (SET, link("Rollout/chat", scalable=True)),
        "Rollout/chat",
    ),
    "a kind that cannot be scaled above one that can": (
        (SET, DEPLOYMENT, link("Rollout/app")),
        "Deployment/chat",
    ),
}


@pytest.mark.parametrize(("chain", "owner"), CASES.values(), ids=CASES.keys())
def test_owner(chain: tuple[Link, ...], owner: str) -> None:
    found = count_owner(chain)
    assert isinstance(found, ObjectReference)
    part = f"#{found.field_path}" if found.field_path else ""
    assert f"{found.kind}/{found.name}{part}" == owner


REFUSED = {
    "two autoscalers": (
        (SET, scaled((HPA,), (link("HorizontalPodAutoscaler/other"),))),
        "SeveralScalers",
        "HorizontalPodAutoscaler/chat, HorizontalPodAutoscaler/other",
    ),
    "groups of pods": (
        (link("StatefulSet/llama"), link("LeaderWorkerSet/llama", scalable=True)),
        "PodGroups",
        "LeaderWorkerSet",
    ),
    "a daemon set": ((link("DaemonSet/agent"),), "NotScalable", "DaemonSet/agent"),
    "a bare pod": ((), "NotScalable", "a bare pod"),
}


@pytest.mark.parametrize(("chain", "reason", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(chain: tuple[Link, ...], reason: str, words: str) -> None:
    found = count_owner(chain)
    assert isinstance(found, Unowned)
    assert found.reason == reason
    assert words in found.message
