"""Plans of a few services: what is served, at how many watts, and why."""

import math

import pytest

from recommender.planner.plan import CapTooLowError, make_plan
from recommender.planner.service_state import Weights
from tests.unit.planner.services import service

WEIGHTS = Weights()


def row(plan, name="chat"):
    return next(each for each in plan.rows if each.service.key.name == name)


def test_all_load_is_served_where_no_cap_binds():
    chosen = row(make_plan([service()], math.inf, WEIGHTS)).option
    assert chosen.tokens_per_second == pytest.approx(2000)
    assert chosen.seconds_between_tokens <= 0.1 + 1e-9


def test_more_load_takes_more_replicas():
    counts = [
        row(make_plan([service(tokens_per_second=load)], math.inf, WEIGHTS)).replicas
        for load in (300.0, 2000.0, 6000.0)
    ]
    assert counts == sorted(counts)
    assert counts[0] < counts[2]


def test_the_cap_is_held_and_named():
    plan = make_plan([service(), service("mail")], 2500.0, WEIGHTS)
    assert plan.watts <= 2500.0
    assert any("cap of 2500 W" in each.reason for each in plan.rows)
    assert plan.tokens_per_watt > 0


def test_a_higher_priority_is_served_first():
    plan = make_plan([service("low"), service("high", priority=5)], 2800.0, WEIGHTS)
    high, low = row(plan, "high").option, row(plan, "low").option
    assert high.tokens_per_second == pytest.approx(2000, rel=0.1)
    assert low.tokens_per_second < high.tokens_per_second


@pytest.mark.parametrize("least", [0, 1, 3])
def test_minimum_replicas_are_kept(least):
    plan = make_plan([service(tokens_per_second=0.0, least_replicas=least, replicas=4)], math.inf, WEIGHTS)
    assert row(plan).replicas >= least


def test_small_wobbles_of_the_load_do_not_change_the_plan():
    first = row(make_plan([service(tokens_per_second=1900.0)], math.inf, WEIGHTS)).replicas
    for load in (1870.0, 1930.0):
        again = service(tokens_per_second=load, replicas=first)
        assert row(make_plan([again], math.inf, WEIGHTS)).replicas == first


def test_a_minimum_that_finds_no_watts_is_told_and_others_are_planned():
    services = [service("small", priority=1), service("large", least_replicas=10)]
    plan = make_plan(services, 1500.0, WEIGHTS)
    assert row(plan, "large").option is None
    assert "minimum of 10 replicas" in row(plan, "large").reason
    assert row(plan, "small").replicas >= 1
    assert plan.watts <= 1500.0


def test_a_cap_below_every_minimum_names_the_least_watts():
    with pytest.raises(CapTooLowError, match="the smallest needs"):
        make_plan([service(), service("mail")], 50.0, WEIGHTS)


def test_a_service_without_measurements_stays_as_it_is_and_counts_at_its_nameplate():
    plan = make_plan([service(model=None, replicas=3)], math.inf, WEIGHTS)
    assert row(plan).replicas == 3
    assert plan.watts == pytest.approx(2400)
    assert "nothing measured" in row(plan).reason


def test_without_measurements_too_the_cap_is_held():
    plan = make_plan([service(model=None, replicas=3)], 1700.0, WEIGHTS)
    assert (row(plan).replicas, plan.watts) == (2, pytest.approx(1600))


def test_dear_replicas_are_fewer():
    many = row(make_plan([service(least_replicas=0)], math.inf, WEIGHTS)).replicas
    dear = Weights(usd_per_replica_hour=4.0, watts_per_usd_hour=500.0)
    assert row(make_plan([service(least_replicas=0)], math.inf, dear)).replicas <= many


def test_no_services_make_an_empty_plan():
    assert make_plan([], 100.0, WEIGHTS).rows == ()


LATE = {"target_seconds": 0.001, "tokens_per_second": 6000.0, "replicas": 8}
"""No load at all keeps a target of a millisecond: one step takes twenty."""


def test_a_service_that_cannot_keep_its_target_keeps_what_its_load_takes():
    chosen = row(make_plan([service(**LATE)], math.inf, WEIGHTS))
    assert chosen.replicas >= 6
    assert chosen.option.speed == 1.0
    assert "cannot be kept at any clocks" in chosen.reason


def test_who_keeps_his_target_is_served_before_who_cannot():
    plan = make_plan(
        [service("late", **LATE), service("prompt", **(LATE | {"target_seconds": 0.1}))], 4000.0, WEIGHTS
    )
    assert row(plan, "late").replicas == 1
    assert row(plan, "prompt").replicas > 1
