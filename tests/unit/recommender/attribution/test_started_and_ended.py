"""Pods that came or went within the window of a reading have the part of it in which they were there."""

from dataclasses import replace

import pytest

from tests.unit.recommender.attribution.cases import AT, board, draws_of, pods

# Kepler's watts are means of five seconds: from 995 to 1000.
BOARD = [(board("G1"), 100.0)]


def held(*names):
    return [(board("G1", name), 100.0) for name in names]


def test_a_pod_that_came_in_the_middle_has_half_and_the_rest_was_idle():
    (late,) = pods("p")
    draws = draws_of([replace(late, started=AT - 2.5)], kepler=held("p"))
    assert draws.pods["ns/p"].gpu_watts == pytest.approx(50.0)
    assert draws.nodes["n1"].idle_watts == pytest.approx(50.0)


def test_a_board_that_was_handed_on_is_split_by_time():
    (new,), (old,) = pods("new"), pods("old")
    draws = draws_of(
        [replace(new, started=AT - 2)], ended=[replace(old, ended=AT - 3)], kepler=held("new", "old")
    )
    assert draws.pods["ns/new"].gpu_watts == pytest.approx(40.0)
    assert draws.ended["ns/old"].gpu_watts == pytest.approx(40.0)
    node = draws.nodes["n1"]
    assert (node.pods_watts, node.idle_watts) == (pytest.approx(80.0), pytest.approx(20.0))


def test_two_that_overlap_share_what_they_held():
    (a,), (b,) = pods("a"), pods("b")
    draws = draws_of([replace(a, started=AT - 4), replace(b, started=AT - 2)], kepler=held("a", "b"))
    watts = [draws.pods[key].gpu_watts for key in ("ns/a", "ns/b")]
    assert sum(watts) == pytest.approx(80.0)
    assert watts[0] == pytest.approx(2 * watts[1])


def test_a_pod_that_came_after_the_sample_is_not_measured_yet_but_holds_its_board():
    (late,) = pods("p")
    draws = draws_of([replace(late, started=AT + 1)], kepler=held("p"))
    assert "ns/p" not in draws.pods
    assert draws.holders["G1"] == ("ns/p",)
    assert draws.nodes["n1"].idle_watts == 100.0


def test_a_pod_that_ended_before_the_window_is_not_believed():
    (old,) = pods("old")
    draws = draws_of([], ended=[replace(old, ended=AT - 60)], kepler=held("old"))
    assert not draws.ended
    assert draws.nodes["n1"].idle_watts == 100.0


def test_a_fast_source_gives_a_new_pod_its_whole_board_at_once():
    (late,) = pods("p")
    draws = draws_of([replace(late, started=AT - 2)], climatik=BOARD, kepler=held("p"))
    assert draws.pods["ns/p"].gpu_watts == 100.0


def test_a_pod_of_the_same_name_that_runs_again_is_the_running_one():
    (again,), (old,) = pods("p"), pods("p")
    draws = draws_of([again], ended=[replace(old, ended=AT - 1)], kepler=held("p"))
    assert (draws.pods["ns/p"].gpu_watts, dict(draws.ended)) == (100.0, {})
