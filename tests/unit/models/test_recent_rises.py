"""The forecast rests on the rises that were seen, and says how much it has seen."""

import numpy as np
import pytest

from common.models.recent_rises import RecentRises, RecentRisesSettings, _rises

SETTINGS = RecentRisesSettings(step_seconds=5, window_seconds=600, horizon_seconds=60)


def learned(values, *, step=5.0, settings=SETTINGS):
    forecaster = RecentRises(settings)
    for number, value in enumerate(values):
        forecaster.observe(1000.0 + number * step, {"a": value})
    return forecaster


def test_an_unknown_series_has_no_outlook():
    assert RecentRises().outlook("nobody") is None


def test_a_steady_series_stays():
    outlook = learned([500.0] * 50).outlook("a")
    assert outlook.median_watts == 500
    assert outlook.upper_watts(2000) == 500
    assert outlook.breach_probability(600) < 0.02


def test_rises_of_the_past_may_come_again():
    outlook = learned([500, 500, 500, 900, 500] * 20).outlook("a")
    assert outlook.upper_watts(2000) == pytest.approx(900)
    assert outlook.breach_probability(800) > 0.7
    assert outlook.breach_probability(1000) < 0.02


def test_a_trend_moves_the_median():
    outlook = learned([100 + 10 * number for number in range(60)]).outlook("a")
    assert outlook.median_watts == pytest.approx(690 + 120)


def test_with_little_history_the_bound_starts_at_the_ceiling():
    first = learned([500.0]).outlook("a")
    assert first.upper_watts(2000) == 2000
    half = learned([500.0] * 7).outlook("a")
    assert half.upper_watts(2000) == pytest.approx(1250)


def test_over_the_cap_a_breach_is_certain():
    assert learned([500.0] * 5).outlook("a").breach_probability(400) == 1.0


def test_within_a_step_the_highest_value_counts_and_the_level_is_the_last():
    outlook = learned([500, 900, 500, 500, 500] * 20, step=1.0).outlook("a")
    assert outlook.level_watts == 500
    assert outlook.peaks.max() <= 900


def test_a_gap_is_no_rise():
    forecaster = learned([500.0] * 20)
    forecaster.observe(1000.0 + 60 * 5, {"a": 500.0})
    assert forecaster.outlook("a").upper_watts(500) == 500


def test_a_series_silent_for_the_whole_window_is_forgotten():
    forecaster = learned([500.0] * 5)
    forecaster.observe(1000.0 + 2 * SETTINGS.window_seconds, {"b": 1.0})
    assert forecaster.outlook("a") is None
    assert forecaster.outlook("b") is not None


def test_many_series_are_kept_apart():
    forecaster = RecentRises(SETTINGS)
    for number in range(10):
        forecaster.observe(1000.0 + 5 * number, {f"s{i}": float(i) for i in range(200)})
    assert [forecaster.outlook(f"s{i}").median_watts for i in (0, 77, 199)] == [0, 77, 199]


@pytest.mark.parametrize("ahead", [1, 2, 3, 7, 12, 40])
def test_the_running_maximum_by_doubling_equals_the_plain_one(ahead):
    values = np.random.default_rng(7).uniform(0, 100, 40)
    values[[3, 17, 18]] = np.nan
    plain = []
    for index, value in enumerate(values):
        future = values[index + 1 : index + 1 + ahead]
        future = future[np.isfinite(future)]
        if future.size and np.isfinite(value):
            plain.append(future.max() - value)
    assert _rises(values, ahead) == pytest.approx(plain)
