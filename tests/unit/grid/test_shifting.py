"""Deferrable work goes to the cheap hours, and a deadline is never paid for it."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.logic.shifting import DeferrableJob, Reason, ShiftingWeights, shift, should_run_now

PLENTY = (1e9,) * 24
COSTS = tuple(float(abs(hour - 13)) for hour in range(24))  # cheapest at hour 13


def planned(job, costs=COSTS, headroom=PLENTY):
    return shift([job], costs, headroom)[job.name]


@pytest.mark.parametrize(
    ("job", "hours", "reason"),
    [
        (DeferrableJob("a", 3, 24, 1.0), (12, 13, 14), Reason.CHEAPEST_HOURS),
        (DeferrableJob("a", 3, 6, 1.0), (3, 4, 5), Reason.CHEAPEST_HOURS),
        (DeferrableJob("a", 2, 24, 1.0, release_hour=20), (20, 21), Reason.CHEAPEST_HOURS),
        (DeferrableJob("a", 3, 3, 1.0), (0, 1, 2), Reason.NO_SLACK),
        (DeferrableJob("a", 2, 6, 1.0, slack_hours=3), (1, 2), Reason.CHEAPEST_HOURS),
        (DeferrableJob("a", 5, 6, 1.0, slack_hours=3), (0, 1, 2, 3, 4), Reason.NO_SLACK),
        (DeferrableJob("a", 4, 3, 1.0), (0, 1, 2), Reason.DEADLINE_AT_RISK),
        (DeferrableJob("a", 0, 24, 1.0), (), Reason.CHEAPEST_HOURS),
        (DeferrableJob("a", 2, -1, 1.0), (), Reason.DEADLINE_AT_RISK),
    ],
    ids=[
        "the whole day", "an early deadline", "a late release", "no choice", "slack is kept free",
        "slack is given up", "too late", "nothing to do", "past its deadline",
    ],
)  # fmt: skip
def test_hours_of_one_job(job, hours, reason):
    plan = planned(job)
    assert (plan.hours, plan.reason) == (hours, reason)
    assert plan.missing_hours == job.hours - len(hours)


def test_what_must_not_be_interrupted_gets_the_cheapest_stretch():
    costs = [1, 9, 1, 9, 9, 2, 2, 2, 9, 1, *[9] * 14]
    job = DeferrableJob("a", 3, 24, 1.0, interruptible=False)
    assert planned(job, costs).hours == (5, 6, 7)


def test_jobs_share_the_headroom_and_the_cheapest_hours():
    jobs = [DeferrableJob(name, 2, 24, 60.0) for name in ("a", "b")]
    plans = shift(jobs, COSTS, [100.0] * 24)
    taken = [hour for plan in plans.values() for hour in plan.hours]
    assert sorted(taken) == [12, 13, 14, 15] or sorted(taken) == [11, 12, 13, 14]


def test_what_is_saved_is_told_against_running_at_once():
    assert planned(DeferrableJob("a", 2, 24, 1.0)).saved == (13 + 12) - (0 + 1)


def test_the_present_hour():
    plans = shift([DeferrableJob("a", 1, 1, 1.0), DeferrableJob("b", 1, 24, 1.0)], COSTS, PLENTY)
    assert should_run_now(plans) == {"a"}


@pytest.mark.parametrize(
    ("jobs", "costs", "headroom", "match"),
    [
        ([DeferrableJob("a", 1, 5, 1.0)], COSTS[:4], PLENTY[:4], "end before the deadlines of a"),
        ([DeferrableJob("a", 1, 5, 1.0)] * 2, COSTS, PLENTY, "same name"),
        ([], COSTS, PLENTY[:3], "24 hours and headroom_watts 3"),
    ],
    ids=["short forecast", "same name", "torn"],
)
def test_what_cannot_be_planned_is_refused(jobs, costs, headroom, match):
    with pytest.raises(ValueError, match=match):
        shift(jobs, costs, headroom)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (ShiftingWeights(), (50.0, 50.0, 50.0)),
        (ShiftingWeights(money=0.0, carbon_price_per_tonne=100.0), (40.0, 20.0, 30.0)),
        (ShiftingWeights(money=1.0, carbon_price_per_tonne=100.0), (90.0, 90.0, 90.0)),
    ],
    ids=["money", "carbon", "both"],
)
def test_costs_by_weight_with_the_mean_where_an_hour_is_unknown(weights, expected):
    unknown = float("nan")
    assert weights.hourly_costs([50.0, unknown, unknown], [400.0, 200.0, unknown]) == expected


jobs_strategy = st.lists(
    st.builds(
        DeferrableJob,
        name=st.just(""),
        hours=st.integers(0, 8),
        deadline_hour=st.integers(0, 24),
        watts=st.sampled_from([50.0, 100.0, 150.0]),
        release_hour=st.integers(0, 20),
        interruptible=st.booleans(),
        slack_hours=st.integers(0, 3),
    ),
    max_size=6,
).map(lambda jobs: [DeferrableJob(f"job-{place}", *_fields(job)) for place, job in enumerate(jobs)])


def _fields(job):
    return (
        job.hours, job.deadline_hour, job.watts, job.release_hour, job.interruptible, job.slack_hours
    )  # fmt: skip


costs_strategy = st.lists(st.floats(-500, 500), min_size=24, max_size=24)
headroom_strategy = st.lists(st.sampled_from([0.0, 100.0, 200.0, 400.0]), min_size=24, max_size=24)


@settings(max_examples=150)
@given(jobs_strategy, costs_strategy, headroom_strategy)
def test_promises_hold_for_any_costs(jobs, costs, headroom):
    plans = shift(jobs, costs, headroom)
    drawn = [0.0] * 24
    for job in jobs:
        hours = plans[job.name].hours
        assert len(hours) == len(set(hours)) <= job.hours
        assert all(max(0, job.release_hour) <= hour < job.deadline_hour for hour in hours)
        if not job.interruptible and hours:
            assert hours == tuple(range(hours[0], hours[0] + job.hours))
        for hour in hours:
            drawn[hour] += job.watts
    assert all(watts <= most for watts, most in zip(drawn, headroom, strict=True))
    # With equal costs the plain rule places everything: no deadline that it keeps may be lost for money.
    by_rule = shift(jobs, [0.0] * 24, headroom)
    kept = {name for name, plan in by_rule.items() if not plan.missing_hours}
    assert kept <= {name for name, plan in plans.items() if not plan.missing_hours}


@pytest.mark.parametrize("seed", range(20))
def test_replanned_every_hour_with_wrong_forecasts_no_feasible_deadline_is_missed(seed):
    draw = random.Random(seed)
    left = {f"job-{place}": draw.randint(1, 12) for place in range(4)}
    deadlines = {name: draw.randint(hours, 24) for name, hours in left.items()}
    for now in range(24):
        costs = [draw.gauss(50, 40) for _ in range(24 - now)]
        jobs = [
            DeferrableJob(name, hours, deadlines[name] - now, 100.0) for name, hours in left.items() if hours
        ]
        for name in should_run_now(shift(jobs, costs, PLENTY[now:])):
            left[name] -= 1
    assert set(left.values()) == {0}


@given(costs_strategy, st.integers(1, 24))
@settings(max_examples=50)
def test_one_job_with_known_costs_gets_the_optimum(costs, hours):
    plan = planned(DeferrableJob("a", hours, 24, 1.0), costs)
    assert sum(costs[hour] for hour in plan.hours) == pytest.approx(sum(sorted(costs)[:hours]))
