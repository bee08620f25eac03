"""One plan under the caps of policies and of nested power domains."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.planner.fleet import Caps, Member, plan_fleet
from recommender.planner.plan import make_plan
from recommender.planner.service_state import Weights
from tests.unit.planner.services import service

PATHS = [(), ("hall",), ("hall", "rack-a"), ("hall", "rack-b"), ("annex",)]
MINIMUM = 222.0
"""Watts of one idle replica at the quantile that is planned for: 200 W x 1.1, rounded up, and some."""


def members(count, path=(), policy="p", **changes):
    return [Member(service(f"{policy}-{i}", **changes), policy, path) for i in range(count)]


def watts(rows, chosen):
    options = [rows[one.service.key].option for one in chosen if one.service.key in rows]
    return sum(one.watts for one in options if one)


fleets = st.lists(
    st.tuples(
        st.sampled_from(["p", "q"]), st.sampled_from(PATHS), st.integers(0, 2), st.floats(10.0, 6000.0),
        st.integers(1, 3),
    ),
    min_size=1, max_size=8,
)  # fmt: skip
caps_of = st.fixed_dictionaries(
    {name: st.floats(200.0, 12_000.0) for name in ("p", "q", "hall", "rack-a", "rack-b", "annex")}
)


@settings(max_examples=150)
@given(fleets, caps_of)
def test_no_cap_of_a_policy_or_a_domain_is_ever_exceeded(fleet, caps):
    every = [
        Member(service(f"s{i}", priority=rank, tokens_per_second=load, replicas=count), policy, path)
        for i, (policy, path, rank, load, count) in enumerate(fleet)
    ]
    domains = {name: caps[name] for name in ("hall", "rack-a", "rack-b", "annex")}
    rows = plan_fleet(every, Caps({"p": caps["p"], "q": caps["q"]}, domains), Weights())
    for policy in ("p", "q"):
        assert watts(rows, [one for one in every if one.policy == policy]) <= caps[policy] + 1e-6
    for name, cap in domains.items():
        assert watts(rows, [one for one in every if name in one.domains]) <= cap + 1e-6


def test_without_tight_domains_the_plan_is_the_one_of_the_policy_alone():
    own = members(3, ("hall", "rack-a"))
    rows = plan_fleet(own, Caps({"p": 2500.0}, {"hall": 1e6, "rack-a": 1e6}), Weights())
    alone = make_plan([one.service for one in own], 2500.0, Weights())
    assert {key: row.replicas for key, row in rows.items()} == {
        row.service.key: row.replicas for row in alone.rows
    }


def test_what_a_tight_rack_frees_goes_to_the_others():
    tight, free = members(2, ("hall", "rack-a"), "p"), members(2, ("hall", "rack-b"), "q")
    policies = {"p": math.inf, "q": math.inf}
    even = plan_fleet([*tight, *free], Caps(policies, {"hall": 6000.0}), Weights())
    squeezed = plan_fleet([*tight, *free], Caps(policies, {"hall": 6000.0, "rack-a": 1500.0}), Weights())
    assert watts(squeezed, tight) <= 1500.0
    assert watts(squeezed, free) > watts(even, free)


@pytest.mark.parametrize("cap", [0.0, MINIMUM / 2])
def test_under_a_cap_below_every_minimum_nobody_is_planned(cap):
    assert plan_fleet(members(2), Caps({"p": cap}, {}), Weights()) == {}


def test_a_policy_without_watts_takes_none_from_another():
    rows = plan_fleet(
        [*members(1, policy="p"), *members(1, policy="q")], Caps({"p": 1.0, "q": 9e9}, {}), Weights()
    )
    assert [row.replicas > 0 for row in rows.values()] == [False, True]
