"""Median, upper bound and probability of a breach move with the load, in policies and in domains."""

from datetime import timedelta

import pytest

from tests.unit.recommender.builders import NOW, domain, policy
from tests.unit.recommender.scene import Scene

CAP = 800
POLICY = policy(power_cap_limit=CAP)


class Running:
    """An hour and more of a calm load, then whatever the test lets happen."""

    def __init__(self):
        row = domain("row", selector={"rack": "r1"}, cap_watts=2000)
        self.scene = Scene(policies=(POLICY,), domains=(row,))
        self.seconds = 0

    def go_on(self, watts, seconds, step=10):
        for number in range(seconds // step):
            self.seconds += step
            level = watts + (number * 7 % 5) - 2  # a little noise of the meters
            self.scene.measure(level, NOW.timestamp() + self.seconds)
            self.scene.engine.refresh(self.scene.objects, self.now)
        self.scene.engine.divide()
        return self

    @property
    def now(self):
        return NOW + timedelta(seconds=self.seconds)

    @property
    def policy(self):
        return self.scene.advise(POLICY, self.now).forecast_power

    @property
    def domain(self):
        (row,) = self.scene.objects.domains
        return self.scene.engine.report(row).observed.forecast


@pytest.fixture
def running():
    return Running().go_on(150, 4200)


def test_a_calm_load_far_under_the_cap_is_no_danger(running):
    expected = running.policy
    assert expected.basis == "CalibratedRises"
    assert expected.breach_probability_percent <= 1
    assert expected.median_watts == pytest.approx(600, abs=15)
    assert 590 <= expected.upper_bound_watts < CAP


def test_a_rise_towards_the_cap_raises_median_bound_and_probability(running):
    before = running.policy
    running.go_on(170, 300).go_on(190, 300).go_on(208, 300)
    after = running.policy
    assert after.median_watts > before.median_watts
    assert after.upper_bound_watts > CAP > before.upper_bound_watts
    assert after.breach_probability_percent >= 5


def test_over_the_cap_the_breach_is_certain_and_the_danger_passes_with_the_load(running):
    running.go_on(240, 120)
    assert running.policy.breach_probability_percent == 100
    running.go_on(140, 1800)
    assert running.policy.breach_probability_percent < 20


def test_a_domain_tells_the_same_of_its_nodes(running):
    calm = running.domain
    assert calm.basis == "CalibratedRises"
    assert calm.breach_probability_percent <= 1
    running.go_on(290, 300)
    after = running.domain
    assert after.median_watts > calm.median_watts
    assert after.upper_bound_watts > calm.upper_bound_watts


def test_what_was_told_is_held_against_what_came(running):
    registry = running.scene.metrics.registry
    running.go_on(150, 600)
    for _ in range(8):
        assert running.policy.breach_probability_percent <= 1
        running.go_on(150, 60)
    running.go_on(150, 600)
    assert registry.get_sample_value("climatik_recommender_forecasts_checked_total") >= 5
    assert registry.get_sample_value("climatik_recommender_breaches_total") == 0
    assert registry.get_sample_value("climatik_recommender_breaches_expected_total") < 0.2
