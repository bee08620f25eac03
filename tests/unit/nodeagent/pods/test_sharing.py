"""What pods mean for the boards they hold, under the policy largest-priority."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nodeagent.devices.device import KIND_CPU
from nodeagent.pods.sharing import board_weights, other_agents
from nodeagent.pods.tenancy import NOT_FOLLOWED, Holder, PodFacts, Tenancy
from tests.fakes.devices import gpu_info

GPUS = [gpu_info(f"GPU-{n}", index=n) for n in range(4)]
CPU = replace(gpu_info("package-0"), kind=KIND_CPU)


def tenancy(held, **facts):
    """``held``: pods by number of the board; ``facts``: priority by pod."""
    holders = {f"GPU-{n}": tuple(Holder("llm", p, "c") for p in pods) for n, pods in held.items()}
    known = {
        f"llm/{p}": found if isinstance(found, PodFacts) else PodFacts(p, found) for p, found in facts.items()
    }
    return Tenancy(followed=True, known=True, holders=holders, facts=known)


def test_the_order_of_priorities_counts_and_not_their_size():
    one = board_weights(GPUS, tenancy({0: ["a"], 1: ["b"], 2: ["c"]}, a=-10, b=0, c=1))
    two = board_weights(GPUS, tenancy({0: ["a"], 1: ["b"], 2: ["c"]}, a=0, b=1_000, c=1_000_000_000))
    assert one == two == {"GPU-0": 1.0, "GPU-1": 2.0, "GPU-2": 4.0, "GPU-3": 1.0}


def test_a_shared_board_counts_with_its_largest_priority():
    weights = board_weights(GPUS, tenancy({0: ["a", "b"], 1: ["c"]}, a=0, b=100, c=0))
    assert (weights["GPU-0"], weights["GPU-1"]) == (2.0, 1.0)


def test_a_pod_that_the_api_server_has_not_shown_counts_as_zero():
    assert board_weights(GPUS, tenancy({0: ["a"], 1: ["new"]}, a=5)) == {
        "GPU-0": 2.0, "GPU-1": 1.0, "GPU-2": 1.0, "GPU-3": 1.0,
    }  # fmt: skip


def test_a_package_weighs_as_the_highest_board():
    weights = board_weights([*GPUS, CPU], tenancy({0: ["a"], 1: ["b"]}, a=0, b=9))
    assert weights["package-0"] == weights["GPU-1"] == 2.0


def test_nothing_weighs_where_it_is_not_known_who_is_where():
    aged = replace(tenancy({0: ["a"], 1: ["b"]}, a=0, b=9), known=False)
    assert set(board_weights(GPUS, aged).values()) == {1.0}
    assert set(board_weights(GPUS, NOT_FOLLOWED).values()) == {1.0}


@given(st.dictionaries(st.integers(0, 3), st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=3)))
def test_weights_follow_priorities_and_stay_in_bounds(priorities):
    pods = {n: [f"p{n}-{i}" for i in range(len(found))] for n, found in priorities.items()}
    facts = {p: priorities[n][i] for n, names in pods.items() for i, p in enumerate(names)}
    weights = board_weights(GPUS, tenancy(pods, **facts))
    top = {f"GPU-{n}": max(found) for n, found in priorities.items()}
    for one, its in top.items():
        for other, others in top.items():
            assert (its <= others) <= (weights[one] <= weights[other])
    assert all(1.0 <= weight <= 8.0 for weight in weights.values())
    assert set(weights) == {info.id for info in GPUS}


def test_one_annotated_pod_is_enough_to_leave_a_board_alone():
    annotated = PodFacts("u", 0, "dynamo.nvidia.com/gpu-power-limit")
    found = other_agents(tenancy({0: ["a", "b"], 1: ["a"]}, a=0, b=annotated))
    assert found == {"GPU-0": "dynamo.nvidia.com/gpu-power-limit of pod llm/b"}
