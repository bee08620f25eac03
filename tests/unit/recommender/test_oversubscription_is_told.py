"""A domain that asks is told what may be promised beyond its cap, from what its draw did."""

from datetime import timedelta

import numpy as np
import pytest

from common.api.domain import Oversubscription
from common.models.oversubscription import DrawWindow
from recommender.logic.oversubscription import LEAST_SAMPLES, oversubscribed
from recommender.model.memory import Memory
from recommender.model.rises import DomainRises, Seen
from tests.unit.recommender.builders import NOW, domain
from tests.unit.recommender.scene import AT, Scene

ASKED = Oversubscription(max_percent=50, breach_probability_per_million=10_000)


def seen(level=600.0, swing=40.0, count=4000, latency=6.2):
    window = DrawWindow(5.0, 24 * 3600.0)
    random = np.random.default_rng(1)
    for step in range(count):
        window.observe(5.0 * step, level + random.uniform(-swing, swing))
    return Seen(window, latency)


def told(spec=ASKED, cap=1000, nameplate=1100, **draw):
    return oversubscribed(spec, seen(**draw), cap, nameplate)


def test_what_is_seldom_drawn_may_be_promised_to_others():
    promise = told()
    # 1,100 W of nameplate draw up to 640 W: 1,000 W carry some 1,700 W, and maxPercent allows 1,500 W.
    assert promise.additional_watts == 500
    assert promise.spare_watts == 400
    assert 1000 - 85 < promise.throttle_watts < 1000 - 70
    assert promise.latency_milliseconds == 6200
    assert "400 W may be added" in promise.message


def test_the_statistics_bound_it_where_they_are_lower():
    promise = told(level=900.0, swing=20.0)
    assert 150 < promise.additional_watts < 220
    assert promise.spare_watts == 1000 + promise.additional_watts - 1100


def test_too_many_nameplates_are_named():
    promise = told(nameplate=2000, level=1800.0)
    assert promise.spare_watts < 0
    assert "are too many" in promise.message


def test_a_rarer_breach_allows_less():
    strict = Oversubscription(max_percent=200, breach_probability_per_million=1)
    loose = Oversubscription(max_percent=200, breach_probability_per_million=100_000)
    assert told(strict).additional_watts < told(loose).additional_watts
    assert told(strict).throttle_watts < told(loose).throttle_watts


@pytest.mark.parametrize(("latency", "steps"), [(0.5, 1), (5.0, 1), (6.2, 2), (41.0, 9)])
def test_rises_are_looked_at_over_the_whole_latency(latency, steps):
    assert seen(count=10, latency=latency).latency_steps == steps


def test_nothing_is_promised_before_an_hour_was_seen():
    promise = told(count=LEAST_SAMPLES - 1)
    assert promise.additional_watts == 0
    assert promise.throttle_watts == 1000
    assert "learning: 719 of 720" in promise.message


def test_without_a_cap_there_is_nothing_to_oversubscribe():
    assert "no cap is set" in oversubscribed(ASKED, seen(), None, 1000).message


def test_the_recommender_learns_from_readings_and_publishes():
    room = domain("room", selector={}, cap_watts=4000, oversubscription=ASKED)
    scene = Scene(domains=(room,))
    random = np.random.default_rng(2)
    for step in range(LEAST_SAMPLES + 5):
        scene.memory.rises.observe(AT + 5 * (step - LEAST_SAMPLES - 5), {"room": random.uniform(1700, 1900)})
    scene.measure()
    scene.cycle(NOW + timedelta(seconds=1))
    promise = scene.engine.report(room).observed.oversubscription
    assert promise.samples > LEAST_SAMPLES
    assert promise.additional_watts > 0
    assert promise.spare_watts == 4000 + promise.additional_watts - 2200


def test_who_does_not_ask_is_not_told_and_forgotten():
    plain = domain("room", selector={}, cap_watts=4000)
    scene = Scene(domains=(plain,))
    scene.memory.rises.observe(AT - 5, {"room": 100.0})
    scene.measure()
    scene.cycle()
    assert "throttleWatts" not in str(scene.engine.report(plain).observed)
    assert scene.memory.rises.of("room") is None


def test_memory_is_made_with_the_loop_of_the_settings():
    memory = Memory(rises=DomainRises(latency_seconds=31.0))
    memory.rises.observe(0.0, {"room": 1.0})
    assert memory.rises.of("room").latency_seconds == 31.0
