"""Columns stay where they belong in time, in whatever order the past and the present come in."""

import numpy as np

from common.models.ahead.ring import Ring
from common.models.ahead.settings import AheadSettings

SETTINGS = AheadSettings()
WIDTH = SETTINGS.column_seconds
ONE, OTHER = np.array([0]), np.array([1])


def ring() -> Ring:
    made = Ring(SETTINGS)
    made.grow(2)
    return made


def newest(made: Ring, row: int, count: int) -> list[float]:
    return [float(value) for value in made.means[row, -count:]]


def test_a_past_that_ends_after_what_is_known_moves_the_columns_on() -> None:
    made = ring()
    made.load(ONE, 100 * WIDTH, np.full((1, SETTINGS.columns), 1.0))  # a checkpoint
    made.load(OTHER, 103 * WIDTH, np.full((1, SETTINGS.columns), 2.0))  # history, read after it
    assert made.last == 102
    np.testing.assert_equal(newest(made, 0, 4), [1.0, np.nan, np.nan, np.nan])
    assert newest(made, 1, 4) == [2.0] * 4


def test_a_past_that_ends_within_the_present_column_keeps_what_was_heard() -> None:
    made = ring()
    made.observe(100 * WIDTH + 10, ONE, np.array([5.0]))
    made.load(OTHER, 101 * WIDTH, np.full((1, 10), 2.0))
    made.observe(102 * WIDTH + 10, ONE, np.array([7.0]))
    np.testing.assert_equal(newest(made, 0, 2), [5.0, np.nan])
    np.testing.assert_equal(newest(made, 1, 3), [2.0, 2.0, np.nan])


def test_an_older_past_fills_only_what_is_not_known() -> None:
    made = ring()
    made.load(ONE, 100 * WIDTH, np.array([[np.nan, 3.0]]))
    made.load(ONE, 99 * WIDTH, np.array([[1.0, 2.0]]))
    assert newest(made, 0, 3) == [1.0, 2.0, 3.0]
