"""Single decisions: thresholds, asks, replicas, relative caps, what a change is."""

import pytest

from common.api.policy import PolicySpec, RelativeCap
from common.models.draw_histogram import DrawHistogram
from recommender.logic.capping import capping_required
from recommender.logic.change import is_material
from recommender.logic.containers import bounds
from recommender.logic.demand import ask_watts, split_by_priority
from recommender.logic.relative import CapHistory, effective_cap
from recommender.model.score import ForecastScore


@pytest.mark.parametrize(
    ("draw", "before", "expected"),
    [(899, False, False), (900, False, True), (860, True, True), (849, True, False)],
    ids=["under", "at-the-threshold", "within-hysteresis", "clear"],
)
def test_capping_is_called_for_at_the_threshold_and_until_clearly_under_it(draw, before, expected):
    assert capping_required(draw, 1000, 90, before=before) is expected


@pytest.mark.parametrize(
    ("expected_watts", "draw", "limit", "asks"),
    [(400, 300, 0, 440), (200, 300, 0, 330), (300, 298, 300, 380), (600, 500, 0, 600)],
    ids=["margin", "draw-above-forecast", "held-at-its-limit", "ceiling"],
)
def test_what_is_asked_for(expected_watts, draw, limit, asks):
    assert ask_watts(expected_watts, draw, limit, 600) == asks


def test_a_node_asks_at_the_priorities_of_its_pods():
    assert split_by_priority(101, {5: 300.0, 0: 100.0}) == {5: 76, 0: 25}
    assert split_by_priority(100, {}) == {0: 100}


@pytest.mark.parametrize(("of", "watts"), [("Peak", 800), ("Average", 400)])
def test_a_relative_cap_is_a_share_of_history(of, watts):
    spec = PolicySpec(relative_cap=RelativeCap(percent=80, of=of))
    cap = effective_cap(spec, CapHistory(1000, 500, 7200))
    assert cap.watts == watts
    assert "2.0 h of history" in cap.derivation


def test_bounds_start_at_nameplate_and_narrow_with_history():
    assert (bounds(None, 700).target, bounds(None, 700).upper) == (700, 700)
    histogram = DrawHistogram()
    widths = []
    for hour in range(1, 49):
        for minute in range(60):
            histogram.add(hour * 3600.0 + minute * 60, 400.0)
        free = bounds(histogram, 700)
        widths.append(free.upper - free.lower)
        assert free.lower <= 420
        assert free.lower <= free.target <= free.upper <= 700
        assert free.target >= 400
    assert widths[0] > widths[10] > widths[-1]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"watts": 1000}, {"watts": 1015}, False),
        ({"watts": 1000}, {"watts": 1030}, True),
        ({"lastUpdated": "a", "watts": 5}, {"lastUpdated": "b", "watts": 5}, False),
        ({"text": "draws 1,000 W"}, {"text": "draws 1,010 W"}, False),
        ({"text": "draws 1,000 W"}, {"text": "draws 1,100 W"}, True),
        ({"text": "draws 1,000 W"}, {"text": "drew 1,000 W"}, True),
        ({"required": False}, {"required": True}, True),
        ({"list": [1]}, {"list": [1, 1]}, True),
        ({}, {"watts": 5}, True),
        ({"observedGeneration": 1}, {"observedGeneration": 2}, True),
        ({"effectiveCapWatts": 1000}, {"effectiveCapWatts": 1001}, True),
    ],
    ids=[
        "noise",
        "moved",
        "time",
        "noise-in-text",
        "moved-in-text",
        "words",
        "bool",
        "length",
        "new-field",
        "generation",
        "cap",
    ],
)
def test_only_what_matters_is_a_change(old, new, expected):
    assert is_material(old, new) is expected


def test_forecasts_are_scored_when_their_horizon_has_passed():
    score = ForecastScore()
    score.predicted("a", 300.0, 100.0, 150.0)
    assert score.measured("a", 100.0, 160.0) == []
    (verdict,) = score.measured("a", 300.0, 125.0)
    assert (verdict.error_ratio, verdict.exceeded) == (0.2, True)
