"""What a pod's object says about GPUs, workload and model."""

from __future__ import annotations

import pytest

from common.api.core import Container, Pod, PodSpec, PodStatus, ResourceRequirements
from common.api.meta import ObjectMeta
from deploy.local.machine_room.podview import billions_of_parameters, view


def made(*, phase: str = "Running", node: str = "node-1", gpus: str = "2", args: tuple[str, ...] = ()) -> Pod:
    limits = {"nvidia.com/gpu": gpus} if gpus else {}
    server = Container(
        name="vllm",
        image="vllm/vllm-openai:v0.11.0",
        args=list(args),
        resources=ResourceRequirements(limits=limits),
    )
    return Pod(
        metadata=ObjectMeta(name="chat-0", namespace="llm", uid="u", labels={"app": "vllm-chat"}),
        spec=PodSpec(node_name=node, containers=[Container(name="proxy"), server]),
        status=PodStatus(phase=phase),
    )


def test_the_container_with_gpus_is_the_one_that_counts() -> None:
    seen = view(made(args=("--model", "meta-llama/Llama-3.1-8B-Instruct")))
    assert seen is not None
    assert (seen.key, seen.container, seen.gpus, seen.workload) == ("llm/chat-0", "vllm", 2, "vllm-chat")
    assert seen.model == "meta-llama/Llama-3.1-8B-Instruct"
    assert seen.is_running


@pytest.mark.parametrize(
    ("args", "model"),
    [
        (("--model=Qwen/Qwen2.5-7B",), "Qwen/Qwen2.5-7B"),
        (("serve", "Qwen/Qwen2.5-7B", "--port", "80"), "Qwen/Qwen2.5-7B"),
        ((), "vllm/vllm-openai:v0.11.0"),
    ],
)
def test_the_model_is_read_from_the_command_line(args: tuple[str, ...], model: str) -> None:
    seen = view(made(args=args))
    assert seen is not None
    assert seen.model == model


@pytest.mark.parametrize(
    "pod",
    [made(gpus=""), made(node=""), made(phase="Succeeded"), made(phase="Failed")],
    ids=["no GPUs", "not bound", "succeeded", "failed"],
)
def test_other_pods_are_passed_over(pod: Pod) -> None:
    assert view(pod) is None


def test_a_bound_pod_that_does_not_run_yet_is_seen_as_such() -> None:
    seen = view(made(phase="Pending"))
    assert seen is not None
    assert not seen.is_running


@pytest.mark.parametrize(
    ("model", "billions"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", 8.0),
        ("Qwen/Qwen2.5-0.5B", 0.5),
        ("mistralai/Mixtral-8x7B", 7.0),
        ("llama2-70b", 70.0),
        ("bert", 7.0),
    ],
)
def test_the_size_is_read_from_the_models_name(model: str, billions: float) -> None:
    assert billions_of_parameters(model) == billions
