"""How many watts a pod is taken to need."""

import pytest
from msgspec import UNSET

from admission.estimate import estimate
from admission.nameplates import Nameplates, parse_gpu_watts
from admission.nodes import NodeOffer
from common.api.policy import ContainerRecommendation
from common.service.settings import SettingsError
from tests.unit.admission.pods_for_tests import NOT_OFFERED, OFFERED, container, learned_policy, pod, policy

NAMEPLATES = Nameplates()


def watts(subject, rule=None, offer=OFFERED):
    return estimate(subject, rule or policy(), offer, NAMEPLATES).watts


SHAPES = {
    "GPUs at nameplate": (pod(container(gpus=2)), 1400),
    "CPU share": (pod(container(cpu="16")), 64),
    "half a CPU rounds up": (pod(container(cpu="2300m")), 10),
    "GPU and CPU": (pod(container(gpus=1, cpu="8")), 732),
    "containers add up": (pod(container("a", gpus=1), container("b", gpus=1)), 1400),
    "nothing asked": (pod(container()), 5),
    "limits alone count": (pod({"name": "a", "resources": {"limits": {"nvidia.com/gpu": "1"}}}), 700),
    "three sevenths of a GPU": (
        pod({"name": "a", "resources": {"limits": {"nvidia.com/mig-3g.40gb": "1"}}}),
        300,
    ),
    "number instead of text": (
        pod({"name": "a", "resources": {"requests": {"cpu": 2, "nvidia.com/gpu": 1}}}),
        708,
    ),
    "negative counts nothing": (pod({"name": "a", "resources": {"requests": {"cpu": "-2"}}}), 5),
}


@pytest.mark.parametrize(("subject", "expected"), SHAPES.values(), ids=SHAPES.keys())
def test_shape(subject, expected):
    assert watts(subject) == expected


def test_sidecars_count_and_plain_init_containers_do_not():
    subject = pod(container("a", gpus=1))
    subject["spec"]["initContainers"] = [
        container("sidecar", cpu="2", restartPolicy="Always"),
        container("download", gpus=1),
    ]
    assert watts(subject) == 708


def selecting(product):
    subject = pod(container(gpus=1))
    subject["spec"]["nodeSelector"] = {"nvidia.com/gpu.product": product}
    return subject


PRODUCTS = {
    "the selected one": (selecting("Tesla-T4"), OFFERED, 70),
    "the largest of those offered": (
        pod(container(gpus=1)),
        NodeOffer(1, frozenset({"Tesla-T4", "NVIDIA-A100-SXM4-80GB"})),
        400,
    ),
    "none known": (pod(container(gpus=1)), NOT_OFFERED, 700),
    "unheard of": (selecting("Frobnicator-9000"), OFFERED, 700),
    "longest name wins": (selecting("NVIDIA-L40S"), OFFERED, 350),
    "form factor": (selecting("NVIDIA-H100-PCIe"), OFFERED, 350),
    "superchip": (selecting("NVIDIA-GB200"), OFFERED, 1200),
}


@pytest.mark.parametrize(("subject", "offer", "expected"), PRODUCTS.values(), ids=PRODUCTS.keys())
def test_product(subject, offer, expected):
    assert watts(subject, offer=offer) == expected


def replica(name="web-5d4f8c7b9-x2x4z", owner="ReplicaSet", owner_name="web-5d4f8c7b9"):
    return pod(
        container("server", gpus=1),
        container("proxy", cpu="1"),
        name=name,
        labels={"pod-template-hash": "5d4f8c7b9"},
        ownerReferences=[{"kind": owner, "name": owner_name, "controller": True}],
    )


def entry(**fields):
    return ContainerRecommendation(**{"workload": "web", "container": "server", **fields})


LEARNED = {
    "uncapped target": (entry(uncapped_target=420, upper_bound=500, target=300), 424),
    "upper bound where no uncapped target": (entry(upper_bound=500), 504),
    "workload with its kind": (entry(workload="Deployment/web", uncapped_target=420), 424),
    "never under the target": (entry(uncapped_target=100, target=300), 304),
    "another workload": (entry(workload="other", uncapped_target=420), 704),
    "another kind": (entry(workload="StatefulSet/web", uncapped_target=420), 704),
    "another container": (entry(container="other", uncapped_target=420), 704),
    "nothing learned yet": (entry(), 704),
}


@pytest.mark.parametrize(("recommendation", "expected"), LEARNED.values(), ids=LEARNED.keys())
def test_recommendation(recommendation, expected):
    assert watts(replica(), learned_policy(recommendation)) == expected


def test_table_takes_entries_of_the_user():
    table = parse_gpu_watts(["h100-pcie=310", "ACME-1=12"])
    assert Nameplates(gpu_watts=table).of_product("NVIDIA-H100-PCIe") == 310
    assert Nameplates(gpu_watts=table).of_product("Acme 1") == 12


@pytest.mark.parametrize("text", ["H100", "H100=", "=5", "H100=-5", "H100=many"])
def test_bad_table_entry_names_flag_and_remedy(text):
    with pytest.raises(SettingsError, match=r"--gpu-nameplate-watts: .* is not PRODUCT=watts\. For example"):
        parse_gpu_watts([text])


LLAMA = {"image": "vllm/vllm-openai:v2", "args": ["--model", "llama"]}


def alike_policy(**entry):
    given = {
        "workload": "Deployment/old", "container": "engine", "uncapped_target": 430, "basis": "Measured",
        "model_key": "vllm/vllm-openai|llama|1 x NVIDIA-H100-80GB-HBM3",
    }  # fmt: skip
    return learned_policy(ContainerRecommendation(**given | entry))


def new_pod(**change):
    return pod({**container("main", gpus=1), **LLAMA, **change}, owner="Deployment/new")


def test_a_new_workload_is_reserved_what_its_like_need():
    made = estimate(new_pod(), alike_policy(), OFFERED, NAMEPLATES)
    assert made.watts == 430
    assert "Deployment/old" in made.reasons[0]


NOT_ALIKE = {
    "another model": (new_pod(args=["--model", "mistral"]), {}),
    "another image": (new_pod(image="sglang:v1"), {}),
    "more GPUs": (pod({**container("main", gpus=2), **LLAMA}), {}),
    "a nameplate teaches nothing": (new_pod(), {"basis": "Nameplate"}),
    "nothing exported": (new_pod(), {"model_key": UNSET}),
    "malformed arguments": (new_pod(args="--model llama"), {}),
}


@pytest.mark.parametrize(("subject", "entry"), NOT_ALIKE.values(), ids=NOT_ALIKE.keys())
def test_not_alike_counts_at_nameplate(subject, entry):
    assert watts(subject, alike_policy(**entry)) in {700, 1400}


def test_another_gpu_type_is_not_alike():
    offer = NodeOffer(largest_watts=6000, gpu_products=frozenset({"NVIDIA-A100-SXM4-80GB"}))
    assert watts(new_pod(), alike_policy(), offer) == 400
