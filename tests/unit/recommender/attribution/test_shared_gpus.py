"""GPUs that several pods hold: by use where it is told for all of them, else in equal parts."""

import pytest

from tests.unit.recommender.attribution.cases import board, draws_of, pods, use

SHARED = [(board("G1", name), 300.0) for name in "ab"]


def gpu_watts(draws):
    return {key[3:]: round(draw.gpu_watts, 6) for key, draw in draws.pods.items()}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], {"a": 150.0, "b": 150.0}),
        ([(use("G1", "a"), 0.6), (use("G1", "b"), 0.2)], {"a": 225.0, "b": 75.0}),
        ([(use("G1", "a"), 0.6)], {"a": 150.0, "b": 150.0}),
        ([(use("G1", "a"), 0.0), (use("G1", "b"), 0.0)], {"a": 150.0, "b": 150.0}),
        ([(use("G1", "a"), 1.0), (use("G1", "b"), 0.0)], {"a": 300.0, "b": 0.0}),
    ],
    ids=["no-use-told", "by-use", "use-of-one-alone", "nobody-at-work", "one-at-work"],
)
def test_a_shared_board(rows, expected):
    assert gpu_watts(draws_of(pods("a", "b"), dcgm=SHARED + rows)) == expected


def test_several_instances_of_one_pod_count_together():
    rows = [(use("G1", "a"), 1.0), (use("G1", "a"), 1.0), (use("G1", "b"), 1.0)]
    assert gpu_watts(draws_of(pods("a", "b"), dcgm=SHARED + rows)) == {"a": 200.0, "b": 100.0}


def test_the_watts_that_a_meter_gives_pods_stand_in_for_the_use():
    rows = [(("pod-gpu", "n1", "", "ns", "a"), 60.0), (("pod-gpu", "n1", "", "ns", "b"), 20.0)]
    assert gpu_watts(draws_of(pods("a", "b"), dcgm=SHARED, kepler=rows)) == {"a": 225.0, "b": 75.0}


def test_use_by_board_counts_before_the_watts_of_pods():
    kepler = [(("pod-gpu", "n1", "", "ns", "a"), 60.0), (("pod-gpu", "n1", "", "ns", "b"), 20.0)]
    told = [(use("G1", "a"), 0.5), (use("G1", "b"), 0.5)]
    assert gpu_watts(draws_of(pods("a", "b"), dcgm=SHARED + told, kepler=kepler)) == {"a": 150.0, "b": 150.0}


def test_the_use_of_one_board_says_nothing_of_another():
    rows = [(board("G2", name), 100.0) for name in "ab"] + [(use("G2", "a"), 3.0), (use("G2", "b"), 1.0)]
    assert gpu_watts(draws_of(pods("a", "b"), dcgm=SHARED + rows)) == {"a": 225.0, "b": 175.0}


def test_a_pod_counts_once_however_many_of_its_containers_hold_the_board():
    rows = [(board("G1", "a", container=name), 300.0) for name in ("server", "sidecar")] + [SHARED[1]]
    draws = draws_of(pods("a", "b"), dcgm=rows)
    assert gpu_watts(draws) == {"a": 150.0, "b": 150.0}
    assert dict(draws.pods["ns/a"].containers) == {"server": 75.0, "sidecar": 75.0}
