"""After a cut the bound on the rest falls as soon as that is proven, not hours later."""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodeagent.guard.restbins import RecentDraw, RestBin, proven_peaks, with_unexplained
from nodeagent.guard.restbound import RestBound
from nodeagent.guard.restlearning import LearnedRest, LearningSettings

SETTINGS = LearningSettings(
    enough_seconds=60.0,
    window_seconds=36_000.0,
    margin_ratio=0.05,
    recover_seconds=600.0,
    settled_seconds=120.0,
)
HIGHEST = 3000


def watched(learned, seconds, rest, devices, since):
    """Two readings a second would say no more than one each two seconds."""
    for second in range(0, int(seconds), 2):
        learned.add(rest, devices, since + second)
    return since + seconds


def cut_node(seconds_after, settings_=SETTINGS):
    """An hour at 8 kW with a rest of 2 kW, then a cut to 4 kW; the rest is at 1.2 kW two minutes later."""
    learned = LearnedRest(settings_)
    now = watched(learned, 3600, 2000.0, 8000.0, 0.0)
    now = watched(learned, min(120, seconds_after), 1900.0, 4000.0, now)
    watched(learned, max(seconds_after - 120, 0), 1200.0, 4000.0, now)
    return learned.model(HIGHEST)


BOUNDS = {
    "at once": (2, 2100),
    "when the rest has followed, but that is not proven": (400, 2100),
    "a moment before it is": (690, 2100),
    "as soon as it is": (740, 1260),
    "an hour later": (4000, 1260),
}


@pytest.mark.parametrize(("seconds", "watts"), BOUNDS.values(), ids=BOUNDS)
def test_the_bound_beside_devices_that_were_cut(seconds, watts):
    assert cut_node(seconds).bound_watts(4000) == watts


def test_the_bound_beside_devices_that_may_draw_as_before_is_as_before():
    model = cut_node(4000)
    assert [model.bound_watts(devices) for devices in (4001, 8000)] == [2100, 2100]
    assert model.bound_watts(9000) == 2100 + 200


def test_a_budget_is_split_by_the_bound_that_holds_within_it():
    model = cut_node(4000)
    assert model.aside_watts(5000) == 1260
    assert model.aside_watts(5261) == 1261, "the devices stop at the edge up to which that is proven"
    assert model.aside_watts(6200) == 2100


def test_readings_of_the_minutes_after_a_cut_do_not_count_for_the_low_draw():
    learned = LearnedRest(SETTINGS)
    now = watched(learned, 3600, 2000.0, 8000.0, 0.0)
    watched(learned, 118, 1990.0, 4000.0, now)
    assert {one.edge_watts for found in learned.slices for one in found.bins} == {8000}


def test_what_is_known_of_a_low_draw_waits_while_the_draw_was_high_a_moment_ago():
    learned = LearnedRest(SETTINGS)
    now = watched(learned, 3600, 1200.0, 4000.0, 0.0)
    now = watched(learned, 3600, 2000.0, 8000.0, now)
    now = watched(learned, 100, 1950.0, 4000.0, now)
    assert learned.model(HIGHEST).bound_watts(4000) == 2100, "the fans still turn"
    watched(learned, 30, 1200.0, 4000.0, now)
    assert learned.model(HIGHEST).bound_watts(4000) == 1260, "it was proven before the day's peak"


def test_a_higher_reading_beside_a_low_draw_counts_at_once():
    learned = LearnedRest(SETTINGS)
    now = watched(learned, 3600, 2000.0, 8000.0, 0.0)
    now = watched(learned, 1000, 1200.0, 4000.0, now)
    learned.add(1600.0, 4000.0, now)
    assert learned.model(HIGHEST).bound_watts(4000) == 1680


def test_after_a_silence_nobody_knows_what_was_drawn_in_it():
    learned = LearnedRest(SETTINGS)
    now = watched(learned, 3600, 2000.0, 8000.0, 0.0)
    now = watched(learned, 1000, 1200.0, 4000.0, now)
    watched(learned, 60, 1200.0, 4000.0, now + 30)
    assert learned.model(HIGHEST).bound_watts(4000) == 2100


def test_the_bound_that_is_stood_by_falls_with_it():
    learned = LearnedRest(SETTINGS)
    bound = RestBound(HIGHEST, learned, 1.0, 0.0)
    for second in range(0, 3600, 2):
        bound.add(2000.0, 8000.0, float(second))
    assert bound.stand(4000, 6000, 3598.0).watts == 2100
    for second in range(3600, 4600, 2):
        bound.add(1200.0, 4000.0, float(second))
    assert bound.stand(4000, 6000, 4598.0).watts == 1260
    assert bound.stand(8000, 10_500, 4598.0).watts == 2100


def test_peaks_of_lower_edges_count_for_higher_ones_and_little_proof_for_none():
    bins = [RestBin(400, 900.0, 300.0), RestBin(200, 1000.0, 200.0), RestBin(600, 800.0, 400.0)]
    assert proven_peaks(bins, 600.0) == {600: 1000.0}
    assert proven_peaks(bins, 500.0) == {400: 1000.0, 600: 1000.0}


def test_a_peak_that_stood_out_anywhere_counts_for_every_draw():
    usual = [
        RestBin(edge, watts, 600.0) for edge, watts in ((4000, 1200.0), (8000, 2000.0)) for _ in range(5)
    ]
    proven = proven_peaks(usual, 600.0)
    assert with_unexplained(proven, usual) == {4000: 1200.0, 8000: 2000.0}
    scrub = [*usual, RestBin(8000, 2150.0, 600.0)]
    assert with_unexplained(proven_peaks(scrub, 600.0), scrub) == {4000: 1350.0, 8000: 2150.0}


def test_the_recent_draw_is_the_highest_of_its_minutes():
    recent = RecentDraw(120.0, 5.0)
    seen = {}
    for second in range(0, 400, 2):
        recent.add(4100.0 if second == 150 else 1900.0 + second, float(second))
        seen[second] = recent.edge_watts
    assert seen[118] is None
    assert seen[120] == 2200
    assert {seen[second] for second in range(150, 271, 2)} == {4200}
    assert seen[272] == 2200


READINGS = st.lists(st.tuples(st.floats(1, 2900), st.floats(0, 8000), st.integers(1, 40)), max_size=25)


@settings(max_examples=60)
@given(readings=READINGS, asked=st.integers(0, 9000))
def test_it_is_never_below_what_was_measured_beside_such_draws(readings, asked):
    """A reading counts for every draw that is at least what devices had drawn in the minutes before it."""
    learned, now, taken = LearnedRest(replace(SETTINGS, recover_seconds=100.0)), 0.0, []
    for rest, devices, times in readings:
        for _ in range(times):
            now += 2.0
            learned.add(rest, devices, now)
            taken.append((now, rest, devices))
    bound = learned.model(HIGHEST).bound_watts(asked)
    recent = max((d for at, _, d in taken if at >= now - SETTINGS.settled_seconds), default=0.0)
    counted = [
        rest
        for at, rest, _ in taken
        if max(d for t, _, d in taken if at - SETTINGS.settled_seconds <= t <= at) <= max(asked, recent)
        and at - taken[0][0] >= SETTINGS.settled_seconds
    ]
    assert bound >= min(max(counted, default=0.0), HIGHEST)
    whole = LearnedRest(replace(SETTINGS, recover_seconds=math.inf))
    for at, rest, devices in taken:
        whole.add(rest, devices, at)
    assert bound <= whole.model(HIGHEST).bound_watts(asked), "it is never looser than without the steps"


def readings_of_a_day(seed):
    """Jobs, cuts, fans with a lag of a minute and a half, and peaks that nothing explains."""
    rng = random.Random(seed)
    fan, job, until, peak_until = 0.0, 2000.0, 0, 0
    for second in range(0, 12 * 3600, 2):
        if second >= until:
            job, until = rng.uniform(1000.0, 8000.0), second + rng.randint(60, 1800)
        if rng.random() < 1 / 1800:
            peak_until = second + 30
        cut = (second // 7200) % 3 > 0
        devices = min(job, 4000.0) if cut else job
        fan += (0.12 * devices - fan) * (1 - math.exp(-2 / 90))
        rest = 700 + 0.07 * devices + fan + rng.gauss(0, 8) + (80 if second < peak_until else 0)
        yield float(second), rest, devices, 4000.0 if cut else 8000.0


@pytest.mark.parametrize("seed", range(3))
def test_the_next_reading_is_over_the_bound_no_more_often_than_without_steps_and_less_is_kept(seed):
    day = list(readings_of_a_day(seed))
    over, kept = {}, {}
    for name, recover in (("whole", math.inf), ("steps", LearningSettings().recover_seconds)):
        learned = LearnedRest(replace(LearningSettings(), recover_seconds=recover))
        over[name], kept[name] = 0, 0
        for at, rest, devices, most in day:
            if learned.is_enough:
                bound = learned.model(HIGHEST).bound_watts(most)
                over[name] += rest > bound
                kept[name] += bound if most == 4000.0 else 0
            learned.add(rest, devices, at)
    assert over["steps"] <= over["whole"]
    assert kept["steps"] < 0.93 * kept["whole"]
