"""The history behind a relative cap where no Prometheus keeps it."""

from recommender.model.own_history import BUCKET_SECONDS, KEPT_SECONDS, OwnHistory


def fed(values, step=60.0):
    made = OwnHistory()
    for number, watts in enumerate(values):
        made.observe(1_000_000.0 + number * step, {"ns/p": watts})
    return made, 1_000_000.0 + (len(values) - 1) * step


def test_peak_mean_and_coverage_within_the_window():
    made, now = fed([9000.0] * 30 + [100.0] * 30 + [300.0] * 30)
    history = made.histories([3600], now)["ns/p", 3600]
    assert history.peak_watts == 300.0
    assert 195 <= history.average_watts <= 215
    assert 3600 - BUCKET_SECONDS <= history.covered_seconds <= 3600 + BUCKET_SECONDS
    assert made.histories([7200], now)["ns/p", 7200].peak_watts == 9000.0


def test_a_window_without_samples_has_no_history():
    made, now = fed([100.0])
    assert made.histories([600], now + 7200) == {}


def test_policies_that_are_gone_and_times_long_past_are_forgotten():
    made, now = fed([100.0])
    made.observe(now + KEPT_SECONDS + 2 * BUCKET_SECONDS, {"ns/p": 200.0})
    assert (
        made.histories([int(2 * KEPT_SECONDS)], now + KEPT_SECONDS)["ns/p", int(2 * KEPT_SECONDS)].peak_watts
        == 200
    )
    made.observe(now + KEPT_SECONDS + 3 * BUCKET_SECONDS, {})
    assert made.histories([600], now + KEPT_SECONDS + 3 * BUCKET_SECONDS) == {}


def test_a_policy_that_is_not_measured_for_a_while_keeps_its_history():
    made, now = fed([100.0])
    made.observe(now + BUCKET_SECONDS, {"ns/p": None})
    made.observe(now + 2 * BUCKET_SECONDS, {"ns/p": 300.0})
    history = made.histories([7200], now + 2 * BUCKET_SECONDS)["ns/p", 7200]
    assert (history.average_watts, history.covered_seconds) == (200.0, 2 * BUCKET_SECONDS)
