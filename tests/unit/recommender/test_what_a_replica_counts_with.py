"""What a replica counts with where its devices may be limited: steady while others come and go."""

import pytest

from common.api.policy import UpdatePolicy
from recommender.logic.facts import PolicyFacts
from recommender.logic.relative import EffectiveCap
from recommender.logic.replica_watts import replica_watts
from recommender.model.board import Board
from recommender.model.draws import Draws, PodDraw
from tests.unit.recommender.builders import pod_view, policy

FLOOR, NAMEPLATE = 200, 700
ACTS = policy(update_policy=UpdatePolicy(update_mode="Auto", levers=["Scale", "PowerLimit"]))


def counted(hosts, *, unseen=0):
    """What a replica counts with when these are the processors' watts of each pod that is seen."""
    names = [f"p{number}" for number in range(len(hosts) + unseen)]
    pods = [pod_view(name) for name in names]
    draws = {
        pod.key: PodDraw(500.0, host, True, {}, (f"GPU-{pod.name}",), "test")
        for pod, host in zip(pods, hosts, strict=False)
    }
    boards = [Board(draw.gpus[0], "n", 500.0, FLOOR, NAMEPLATE, 500, 0, 0) for draw in draws.values()]
    facts = PolicyFacts(
        policy=ACTS, pods=pods, measured=len(hosts), draw_watts=0.0, host_watts=sum(hosts), stale=False,
        source="test", ceilings={pod.key: NAMEPLATE for pod in pods}, cap=EffectiveCap(2000, "test"),
        required=False, boards=boards, racks=(), outlook=None,
    )  # fmt: skip
    return replica_watts(facts, Draws(pods=draws), (), pods)


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


def test_where_none_was_ever_seen_the_nameplate_counts() -> None:
    assert counted([], unseen=2) == NAMEPLATE
