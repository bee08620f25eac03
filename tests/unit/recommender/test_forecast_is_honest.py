"""What is expected stays within what devices can draw, and nothing is invented from a short history."""

from datetime import timedelta

from msgspec import UNSET

from common.models.draw_histogram import DrawHistogram
from recommender.logic.containers import bounds
from tests.unit.recommender.builders import NOW, policy
from tests.unit.recommender.scene import Scene

AT = NOW.timestamp()
POLICY = policy(power_cap_limit=800)


def after(*levels, seconds_between=5):
    scene = Scene(policies=(POLICY,))
    for number, watts in enumerate(levels):
        at = number * seconds_between
        scene.measure(watts, AT + at)
        scene.cycle(NOW + timedelta(seconds=at))
    return scene.advise(POLICY, NOW + timedelta(seconds=(len(levels) - 1) * seconds_between))


def test_a_short_history_expects_the_present_draw_and_no_trend():
    status = after(280, 200, 120)
    assert status.forecast_power.median_watts == status.current_power.watts == 510


def test_no_probability_is_invented_from_a_short_history():
    status = after(200, 200)
    assert status.forecast_power.breach_probability_percent is UNSET
    assert "too short to tell how likely the draw goes over the cap" in status.recommendation.summary


def test_after_a_minute_a_probability_is_told_but_nothing_for_certain():
    calm = after(*[150] * 15).forecast_power
    near = after(*[150, 170, 190, 205] * 4).forecast_power
    assert 5 <= calm.breach_probability_percent <= 20
    assert calm.breach_probability_percent < near.breach_probability_percent <= 90


def test_a_cap_that_is_broken_now_is_certain_to_be_however_short_the_history():
    assert after(280).forecast_power.breach_probability_percent == 100


def test_neither_median_nor_bound_exceeds_what_the_devices_can_draw():
    climbing = after(*(100 + 3 * step for step in range(66)), seconds_between=10)
    power = climbing.forecast_power
    full = 3 * 300 + 150
    assert power.median_watts <= power.upper_bound_watts <= full


def test_a_replica_that_serves_is_not_given_a_lower_bound_of_its_start():
    histogram = DrawHistogram()
    for second in range(0, 180, 5):
        histogram.add(AT + second, 90.0 if second < 45 else 800.0)
    assert bounds(histogram, 1000).lower >= 700
