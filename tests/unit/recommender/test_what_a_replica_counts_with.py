"""What a replica counts with where its devices may be limited: steady while others come and go."""

from dataclasses import replace

import pytest

from common.api.policy import UpdatePolicy
from recommender.logic.facts import PolicyFacts
from recommender.logic.relative import EffectiveCap
from recommender.logic.replica_watts import replica_watts
from recommender.model.board import Board
from recommender.model.draws import Draws, PodDraw
from tests.unit.recommender.builders import pod_view, policy

FLOOR, NAMEPLATE = 200, 700
AT = 1_800_000_000.0
ACTS = policy(update_policy=UpdatePolicy(update_mode="Auto", levers=["Scale", "PowerLimit"]))


def counted(hosts, *, unseen=0, without_floor=0, age=3600.0):
    """What a replica counts with when these are the processors' watts of each pod that is seen.

    The last of them are on GPUs of which no agent has told the floor, and of that age.
    """
    names = [f"p{number}" for number in range(len(hosts) + unseen)]
    pods = [pod_view(name) for name in names]
    draws = {
        pod.key: PodDraw(500.0, host, True, {}, (f"GPU-{pod.name}",), "test")
        for pod, host in zip(pods, hosts, strict=False)
    }
    told = len(hosts) - without_floor
    pods = [replace(pod, started=AT - (age if at >= told else 3600.0)) for at, pod in enumerate(pods)]
    floors = [FLOOR] * told + [0] * without_floor
    boards = [
        Board(draw.gpus[0], "n", 500.0, floor, NAMEPLATE, 500, 0, 0)
        for draw, floor in zip(draws.values(), floors, strict=True)
    ]
    facts = PolicyFacts(
        policy=ACTS, pods=pods, measured=len(hosts), draw_watts=0.0, host_watts=sum(hosts), untold=0,
        source="test", ceilings={pod.key: NAMEPLATE for pod in pods}, cap=EffectiveCap(2000, "test"),
        required=False, boards=boards, racks=(), outlook=None,
    )  # fmt: skip
    return replica_watts(facts, Draws(pods=draws), (), pods, AT)


def test_all_replicas_together_count_with_their_floors_and_what_the_processors_draw() -> None:
    assert 3 * counted([50.0, 50.0, 500.0]) == 3 * FLOOR + 600


def test_a_replica_that_is_alone_on_its_machine_makes_no_other_dearer() -> None:
    assert counted([500.0, 40.0, 60.0]) == counted([200.0, 200.0, 200.0])


def test_no_replica_goes_because_others_went() -> None:
    """What four machines draw idle stays as replicas go: the ceilings of a cap must come to rest."""
    idle_each, machines, cap = 150.0, 4, 2300
    replicas = 12
    for _ in range(20):
        on_last = max(1, replicas - 9)  # one of the machines is left with a single replica
        crowded = (machines - 1) * idle_each / (replicas - on_last)
        hosts = [idle_each / on_last] * on_last + [crowded] * (replicas - on_last)
        before, replicas = replicas, min(replicas, cap // counted(hosts))
    assert replicas == before == (cap - machines * idle_each) // FLOOR


@pytest.mark.parametrize("unseen", [1, 3])
def test_one_that_has_just_started_counts_as_its_like_do(unseen: int) -> None:
    assert counted([50.0, 50.0], unseen=unseen) == FLOOR + 50


@pytest.mark.parametrize(("age", "watts"), [(5.0, FLOOR + 50), (61.0, NAMEPLATE)])
def test_on_devices_that_nobody_tells_of_a_new_one_counts_as_its_like_an_old_one_in_full(
    age: float, watts: int
) -> None:
    assert counted([50.0, 50.0, 50.0], without_floor=1, age=age) == watts


def test_where_none_was_ever_seen_the_nameplate_counts() -> None:
    assert counted([], unseen=2) == NAMEPLATE
