"""Where watts go and what the explanation says, case by case."""

import jsonpatch
import pytest

from admission.mutate import Outcome, mutate
from admission.nameplates import Nameplates
from admission.nodes import NodeOffer
from tests.unit.admission.pods_for_tests import NOT_OFFERED, OFFERED, WATTS, container, pod, policy

NAMEPLATES = Nameplates()


def mutated(subject, offer=OFFERED):
    mutation = mutate(subject, policy(), offer, NAMEPLATES)
    return mutation, jsonpatch.apply_patch(subject, mutation.operations)


CARRIERS = {
    "the only container": ([container("a", gpus=1)], 0),
    "first with a GPU": ([container("a", cpu="1"), container("b", gpus=1), container("c", gpus=1)], 1),
    "first where none has a GPU": ([container("a", cpu="1"), container("b", cpu="1")], 0),
}


@pytest.mark.parametrize(("containers", "index"), CARRIERS.values(), ids=CARRIERS.keys())
def test_watts_go_to(containers, index):
    mutation, after = mutated(pod(*containers))
    resources = after["spec"]["containers"][index]["resources"]
    assert resources["limits"][WATTS] == resources["requests"][WATTS] == str(mutation.watts)


def test_annotation_where_no_node_offers_watts():
    mutation, after = mutated(pod(container(gpus=2, cpu="4")), NOT_OFFERED)
    assert mutation.outcome is Outcome.ANNOTATION
    assert WATTS not in after["spec"]["containers"][0]["resources"]["limits"]
    assert after["metadata"]["annotations"]["climatik.io/reserved-watts"] == str(mutation.watts) == "1416"


def test_explanation_reads_as_plain_words():
    _, after = mutated(pod(container(gpus=2, cpu="4")))
    text = after["metadata"]["annotations"]["climatik.io/explanation"]
    assert text == (
        'Reserved 1416 W on container "server" by policy "llm": '
        "server: 2 GPU at 700 W (nameplate of NVIDIA-H100-80GB-HBM3) + 4 CPU at 4 W. "
        "The policy selects this pod and is in mode Auto. "
        "Watts of your own (climatik.io/watts or climatik.io/reserved-watts) would be kept; "
        'climatik.io/opt-out: "true" turns this off.'
    )
    assert "4 CPU at 4 W" in text[:140], "kubectl describe shows no more than this"


def test_pod_without_gpu_and_cpu_gets_the_floor_and_is_told_so():
    mutation, after = mutated(pod(container()))
    assert mutation.watts == 5
    assert (
        "no GPU and no CPU is asked for, so it is the floor"
        in after["metadata"]["annotations"]["climatik.io/explanation"]
    )


def test_pod_larger_than_any_node_stays_schedulable_and_is_told_so():
    mutation, after = mutated(pod(container(gpus=8)), NodeOffer(largest_watts=5000))
    assert mutation.watts == 5000
    text = after["metadata"]["annotations"]["climatik.io/explanation"]
    assert "estimated at 5600 W and lowered to 5000 W, the most that one node offers" in text


@pytest.mark.parametrize("part", ["limits", "requests"])
def test_watts_of_the_user_are_kept_and_named(part):
    own = {"name": "a", "resources": {part: {WATTS: "500"}}}
    mutation, after = mutated(pod(container("b", gpus=1), own))
    assert mutation.outcome is Outcome.USER
    assert after["spec"] == pod(container("b", gpus=1), own)["spec"]
    text = after["metadata"]["annotations"]["climatik.io/explanation"]
    assert text.startswith('Kept the watts that container "a" sets itself.')


def test_watts_that_the_user_changed_after_us_are_his():
    _, after = mutated(pod(container(gpus=1)))
    for part in ("limits", "requests"):
        after["spec"]["containers"][0]["resources"][part][WATTS] = "123"
    mutation, again = mutated(after)
    assert mutation.outcome is Outcome.USER
    assert again["spec"]["containers"][0]["resources"]["limits"][WATTS] == "123"


def test_container_that_another_webhook_adds_between_two_calls_is_counted():
    first, after = mutated(pod(container("a", gpus=1)))
    after["spec"]["containers"].append(container("late", gpus=1))
    second, again = mutated(after)
    assert second.watts == first.watts + 700
    assert again["spec"]["containers"][0]["resources"]["limits"][WATTS] == str(second.watts)
    assert WATTS not in again["spec"]["containers"][1]["resources"]["limits"]


def test_pod_without_containers_is_left_to_the_api_server():
    mutation = mutate({"metadata": {}, "spec": {}}, policy(), OFFERED, NAMEPLATES)
    assert (mutation.outcome, mutation.operations) == (Outcome.NO_CONTAINERS, [])
