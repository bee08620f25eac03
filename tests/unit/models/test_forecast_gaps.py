"""Gaps are not load: they are skipped, and what stands beside them is not believed."""

import numpy as np
import pytest

from common.models.forecast import mask_gaps
from tests.unit.models.series import DAY, daily, replay


def masked(values):
    return np.isnan(mask_gaps(np.array([values], dtype=float)))[0].tolist()


@pytest.mark.parametrize("gap", [0.0, np.nan, -1.0, np.inf])
def test_what_is_no_measurement_is_masked(gap):
    assert masked([10, 11, gap, 12]) == [False, False, True, False]


def test_a_partly_recorded_value_is_masked():
    assert masked([100, 101, 0, 4, 99]) == [False, False, True, True, False]


def test_a_drop_that_goes_on_is_believed():
    dropped = masked([100.0] * 20 + [5.0] * 30)
    assert dropped[20]
    assert not any(dropped[40:])


def test_after_a_believed_drop_its_level_is_the_usual_one():
    assert not any(masked([100.0] * 20 + [5.0] * 40 + [6.0] * 5)[45:])


def test_a_gap_changes_forecasts_little_and_is_never_forecast():
    values = daily(10, seed=12)[None]
    holes = values.copy()
    holes[:, 8 * DAY : 8 * DAY + 6] = 0
    whole, with_gap = replay(values, 7 * DAY), replay(holes, 7 * DAY)
    assert with_gap[-1].median == pytest.approx(whole[-1].median, rel=0.1)
    assert all((each.median > 10).all() for each in with_gap)


@pytest.mark.parametrize("gap", [0.0, np.nan])
def test_gaps_in_the_history_do_not_reach_the_fit(gap):
    values = daily(9, seed=13)[None]
    holes = values.copy()
    holes[:, 50:60] = gap
    assert replay(holes, 8 * DAY)[-1].median == pytest.approx(replay(values, 8 * DAY)[-1].median, rel=0.1)


def test_a_series_of_gaps_alone_has_no_forecast_and_harms_no_other():
    values = np.stack([daily(9, seed=14), np.zeros(9 * DAY)])
    alone = replay(values[:1], 7 * DAY)[-1]
    both = replay(values, 7 * DAY)[-1]
    assert both.median[0] == pytest.approx(alone.median[0])
    assert np.isnan(both.median[1]).all()
