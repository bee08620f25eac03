"""How many replicas a budget carries: within the budget, by priority, all of it, and without churn."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.logic.replica_shares import Scalable, share_out


def workload(name: str, count: int, watts: int = 100, **more: int | None) -> Scalable:
    return Scalable(name, count, watts, **more)  # type: ignore[arg-type]


def test_every_workload_keeps_the_same_share_of_what_runs() -> None:
    assert share_out(600, [workload("a", 8), workload("b", 4)], 0, spare=False) == [4, 2]


def test_higher_priority_is_served_first() -> None:
    both = [workload("a", 4), workload("b", 4, priority=10)]
    assert share_out(600, both, 1, spare=False) == [2, 4]


def test_nobody_falls_under_the_least() -> None:
    assert share_out(100, [workload("a", 4), workload("b", 4)], 2, spare=True) == [2, 2]


def test_spare_watts_are_shared_out_for_pods_to_come() -> None:
    assert share_out(900, [workload("a", 1), workload("b", 2)], 1, spare=True) == [3, 6]
    assert share_out(900, [workload("a", 1), workload("b", 2)], 1, spare=False) == [1, 2]


def test_ceilings_stay_while_replicas_come_and_go_under_them() -> None:
    held = [workload("a", 2, before=3), workload("b", 3, before=6)]
    assert share_out(900, held, 1, spare=True) == [3, 6]


def test_unused_room_goes_to_who_presses_against_a_ceiling() -> None:
    held = [workload("a", 3, before=3), workload("b", 1, before=6)]
    a, b = share_out(900, held, 1, spare=True)
    assert (a > 3, a + b) == (True, 9)


def test_a_raised_cap_is_shared_out_anew() -> None:
    held = [workload("a", 3, before=3), workload("b", 6, before=6)]
    assert share_out(1800, held, 1, spare=True) == [6, 12]


def test_the_ceilings_right_after_a_cut_hold_once_the_pods_are_gone() -> None:
    before = [workload("a", 6), workload("b", 6)]
    cut = share_out(600, before, 1, spare=True)
    after = [replace(one, count=ceiling, before=ceiling) for one, ceiling in zip(before, cut, strict=True)]
    assert share_out(600, after, 1, spare=True) == cut


WORKLOADS = st.lists(
    st.builds(
        Scalable,
        st.uuids().map(str),
        st.integers(0, 20),
        st.integers(1, 900),
        st.integers(0, 2),
        st.none() | st.integers(0, 30),
    ),
    min_size=1,
    max_size=6,
)


@given(WORKLOADS, st.integers(0, 20_000), st.integers(0, 3), st.booleans())
@settings(max_examples=400)
def test_the_budget_holds_and_none_of_it_is_lost(workloads, budget, least, spare) -> None:
    ceilings = share_out(budget, workloads, least, spare=spare)
    used = sum(ceiling * one.watts for ceiling, one in zip(ceilings, workloads, strict=True))
    assert all(ceiling >= least for ceiling in ceilings)
    floor = least * sum(one.watts for one in workloads)
    assert used <= max(budget, floor)
    if spare and floor <= budget:
        assert budget - used < min(one.watts for one in workloads)


@given(WORKLOADS, st.integers(0, 20_000), st.integers(0, 3))
@settings(max_examples=200)
def test_the_same_counts_give_the_same_ceilings_again(workloads, budget, least) -> None:
    first = share_out(budget, workloads, least, spare=True)
    again = [replace(one, before=ceiling) for one, ceiling in zip(workloads, first, strict=True)]
    assert share_out(budget, again, least, spare=True) == share_out(budget, again, least, spare=True)
