"""Peaks of the next minutes: promises hold, and each state of knowledge falls back to the one before."""

import numpy as np
import pytest

from common.models.ahead import AheadSettings, SeriesForecaster, SeriesPast
from common.models.ahead import forecaster as forecaster_module
from common.models.outlook import CALIBRATED, MODELLED, RECENT_RISES

START = 1_700_000_400.0
DAY = 86400.0
SERIES = ("policy/a", "policy/b", "policy/c")


def feed(forecaster, values, start=START, names=SERIES, step=5.0):
    for number, row in enumerate(values):
        forecaster.observe(start + step * number, dict(zip(names, row, strict=True)))
    return start + step * (len(values) - 1)


def jumpy(hours, seed=3):
    """Three services of different restlessness that switch between levels now and then."""
    rng = np.random.default_rng(seed)
    steps, noise = int(hours * 720), np.zeros(3)
    levels, rows = np.full(3, 1000.0), []
    for _ in range(steps):
        noise = 0.995 * noise + rng.normal(0, [0.003, 0.01, 0.03])
        levels = np.where(rng.random(3) < 0.0008, rng.choice([700, 1000, 1600], 3), levels)
        rows.append(levels * np.exp(noise))
    return np.array(rows)


@pytest.fixture(scope="module")
def told():
    """What was told each minute after two hours, and the peak that came: (bound, cap, probability, peak)."""
    forecaster, values = SeriesForecaster(), jumpy(9)
    rng, rows = np.random.default_rng(4), []
    for number, row in enumerate(values[:-60]):
        forecaster.observe(START + 5 * number, dict(zip(SERIES, row, strict=True)))
        if number >= 1440 and number % 12 == 0:
            for column, name in enumerate(SERIES):
                outlook = forecaster.outlook(name)
                cap = row[column] * rng.choice([1.02, 1.1, 1.3])
                peak = values[number + 1 : number + 61, column].max()
                rows.append((outlook.upper_watts(0), cap, outlook.breach_probability(cap), peak))
    return np.array(rows)


def test_the_99_percent_bound_holds_as_often_as_it_says(told):
    bound, _, _, peak = told.T
    assert 0.975 <= np.mean(peak <= bound) <= 0.998


@pytest.mark.parametrize(("low", "high"), [(0.02, 0.2), (0.2, 0.5), (0.5, 0.9)])
def test_probabilities_of_a_breach_come_true_as_often_as_they_say(told, low, high):
    _, cap, probability, peak = told[(told[:, 2] >= low) & (told[:, 2] < high)].T
    assert len(cap) > 50
    assert np.mean(peak > cap) == pytest.approx(probability.mean(), abs=0.07)


def test_under_an_hour_the_recent_rises_tell():
    forecaster = SeriesForecaster()
    feed(forecaster, jumpy(0.5))
    assert forecaster.outlook("policy/a").basis == RECENT_RISES


def test_a_zero_is_a_gap_and_the_value_after_it_no_rise():
    forecaster = SeriesForecaster()
    values = np.full((200, 3), 1000.0)
    values[150] = 0.0
    feed(forecaster, values)
    assert forecaster.outlook("policy/a").breach_probability(1100.0) < 0.02


def test_after_an_hour_the_calibrated_rises_tell():
    forecaster = SeriesForecaster()
    feed(forecaster, jumpy(1.5))
    assert forecaster.outlook("policy/a").basis == CALIBRATED


def test_a_restless_series_has_a_wider_bound_than_a_calm_one():
    forecaster = SeriesForecaster()
    rng = np.random.default_rng(0)
    feed(forecaster, 1000 * np.exp(rng.normal(0, [0.001, 0.01, 0.05], (1440, 3))))
    calm, middle, restless = (
        forecaster.outlook(name).upper_watts(0) / forecaster.outlook(name).level_watts for name in SERIES
    )
    assert calm < middle < restless


def test_series_that_are_not_modelled_keep_their_recent_rises():
    forecaster = SeriesForecaster(modelled=lambda series: series.endswith("a"))
    feed(forecaster, jumpy(1.5))
    assert forecaster.outlook("policy/b").basis == RECENT_RISES
    assert forecaster.rows.names == ("policy/a",)


def daily_past(days, end=START, names=SERIES, settings=AheadSettings()):  # noqa: B008 - frozen
    """A load that doubles in the first half of each day and halves in the second."""
    columns = settings.columns
    at = end - settings.column_seconds * np.arange(columns - 1, -1, -1)
    rng = np.random.default_rng(5)
    wave = 1000 * np.exp(0.7 * np.sin(2 * np.pi * at / DAY) + rng.normal(0, 0.01, (len(names), columns)))
    wave[:, at < end - days * DAY] = np.nan
    return SeriesPast(names, end, wave, 1.01 * wave, wave)


def work_all(forecaster, at):
    rounds = 0
    while forecaster.work(at):
        rounds += 1
        assert rounds < 100
    return rounds


def test_two_days_of_recorded_past_make_a_model():
    forecaster = SeriesForecaster()
    forecaster.load(daily_past(9))
    feed(forecaster, [(1000, 1000, 1000)] * 2)
    assert work_all(forecaster, START) == 1
    assert forecaster.outlook("policy/a").basis == MODELLED


def test_a_day_of_past_makes_none_but_its_rises_count():
    forecaster = SeriesForecaster()
    forecaster.load(daily_past(1))
    feed(forecaster, [(1000, 1000, 1000)] * 2)
    assert work_all(forecaster, START) == 0
    assert forecaster.outlook("policy/a").basis == CALIBRATED
    assert forecaster.ahead("policy/a") is None


def test_the_model_knows_the_time_of_the_day():
    forecaster = SeriesForecaster()
    morning = START // DAY * DAY  # the wave rises from here
    forecaster.load(daily_past(9, end=morning))
    feed(forecaster, [(1000, 1000, 1000)] * 2, start=morning)
    work_all(forecaster, morning)
    ahead = forecaster.ahead("policy/a")
    assert ahead.median[2] > 1.4 * ahead.present  # four hours later
    assert forecaster.outlook("policy/a").median_watts > 1000


def test_models_take_what_comes_and_are_judged_by_it():
    forecaster = SeriesForecaster()
    past = daily_past(9)
    forecaster.load(past)
    work_all(forecaster, START)
    feed(forecaster, np.full((30, 3), 990.0), step=300.0)
    assert work_all(forecaster, START + 9000) >= 1
    totals = forecaster.skill.totals["policy", "1h"]
    assert totals.measured > 0
    assert set(totals.errors) == {"model", "persistence", "seasonal"}


def test_a_batch_is_fitted_anew_after_a_day():
    forecaster = SeriesForecaster()
    forecaster.load(daily_past(9))
    assert work_all(forecaster, START) == 1
    assert work_all(forecaster, START + 3600) == 0
    assert work_all(forecaster, START + DAY + 1) == 1


def test_series_that_cannot_be_fitted_do_not_stop_the_rest(monkeypatch):
    settings = AheadSettings(batch=1)
    forecaster = SeriesForecaster(settings)
    forecaster.load(daily_past(9))
    whole = forecaster_module.Batch

    def fails_for_a(names, *arguments):
        if names == ["policy/a"]:
            raise np.linalg.LinAlgError("singular")
        return whole(names, *arguments)

    monkeypatch.setattr(forecaster_module, "Batch", fails_for_a)
    with pytest.raises(np.linalg.LinAlgError):
        forecaster.work(START)
    assert work_all(forecaster, START) == 2
    assert forecaster.ahead("policy/b") is not None
    assert forecaster.ahead("policy/a") is None


def test_new_series_are_fitted_beside_those_that_have_models():
    forecaster = SeriesForecaster()
    forecaster.load(daily_past(9))
    work_all(forecaster, START)
    forecaster.load(daily_past(9, names=("domain/x",)))
    feed(forecaster, np.full((3, 3), 990.0), step=300.0)
    work_all(forecaster, START + 600)
    assert forecaster.ahead("domain/x") is not None
    assert forecaster.ahead("policy/a") is not None


def test_what_is_silent_for_the_whole_memory_is_forgotten_and_its_row_used_again():
    settings = AheadSettings(kept_seconds=7200.0)
    forecaster = SeriesForecaster(settings)
    feed(forecaster, jumpy(0.5))
    only = np.full((900, 1), 500.0)
    feed(forecaster, only, start=START + 3600, names=("policy/d",), step=10.0)
    assert forecaster.rows.names == ("policy/d",)
    assert forecaster.outlook("policy/a") is None


def test_a_model_of_which_every_series_is_forgotten_is_advanced_no_more():
    forecaster = SeriesForecaster()
    forecaster.load(daily_past(9))
    feed(forecaster, [(1000, 1000, 1000)] * 2)
    work_all(forecaster, START)
    later = START + 15 * DAY
    feed(forecaster, [(500,)] * 2, start=later, names=("policy/z",), step=600.0)
    assert work_all(forecaster, later) == 0


def test_records_bring_back_outlook_and_past():
    before, values = SeriesForecaster(), jumpy(3)
    before.load(daily_past(5))
    end = feed(before, values)
    after = SeriesForecaster()
    for record in before.records():
        after.restore(type(record).unpacked(record.packed(), after.settings.columns))
    for each in (before, after):
        each.observe(end + 5, dict(zip(SERIES, values[-1], strict=True)))
    outlook, again = before.outlook("policy/c"), after.outlook("policy/c")
    assert again.basis == CALIBRATED
    assert again.upper_watts(0) == pytest.approx(outlook.upper_watts(0), rel=0.02)
    row = after.rows.find("policy/a")
    known = np.isfinite(before.ring.means[before.rows.find("policy/a")])
    assert np.isfinite(after.ring.means[row]).sum() >= known.sum() - 2


def test_no_probability_and_no_bound_looks_ahead():
    values = jumpy(2)
    one, other = SeriesForecaster(), SeriesForecaster()
    feed(one, values[:1000])
    feed(other, values[:1000])
    feed(other, 3 * values[1000:1010], start=START + 5000)
    again = SeriesForecaster()
    feed(again, values[:1000])
    assert one.outlook("policy/b").upper_watts(0) == again.outlook("policy/b").upper_watts(0)
    assert other.outlook("policy/b").level_watts == pytest.approx(3 * values[1009, 1])


def test_a_bound_that_is_broken_is_read_higher_and_one_that_holds_a_little_lower():
    forecaster = SeriesForecaster()
    rng = np.random.default_rng(6)
    end = feed(forecaster, 1000 * np.exp(rng.normal(0, 0.002, (1440, 3))))
    row = forecaster.rows.find("policy/a")
    calm = forecaster.rises.aim[row]
    assert 0.95 <= calm < 0.99
    feed(forecaster, 1000 * 1.02 ** np.arange(60)[:, None] * np.ones((60, 3)), start=end + 5)
    feed(forecaster, np.full((70, 3), 1000 * 1.02**59), start=end + 305)
    assert forecaster.rises.aim[row] > calm
