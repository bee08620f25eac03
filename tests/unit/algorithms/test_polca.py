"""POLCA's published law: 80 % and 89 %, low priority before high, undone 5 points lower."""

from dataclasses import replace

import numpy as np
import pytest

from common.algorithms.polca import Polca
from common.algorithms.registry import read_parameters
from tests.unit.algorithms.instances import column, snapshot

PARAMETERS = read_parameters(Polca.description, {})


def clocks(percent, now=(0, 0)):
    """Advice for a low and a high priority A100 that draw a percentage of their cap together."""
    made = snapshot([-1], [1000], [0, 0], [100] * 2, [400] * 2, [], max_frequency=[1410, 1410])
    drawn = replace(
        made, draw_watts=column([5 * percent] * 2), priority=column([0, 5]), current_frequency=column(now)
    )
    return Polca().plan(drawn, PARAMETERS).frequency.tolist()


@pytest.mark.parametrize(
    ("percent", "now", "expected"),
    [
        (79, (0, 0), [0, 0]),
        (80, (0, 0), [1275, 0]),
        (88, (1275, 0), [1275, 0]),
        (89, (1275, 0), [1110, 1305]),
        (85, (1110, 1305), [1110, 1305]),
        (83, (1110, 1305), [1275, 0]),
        (76, (1275, 0), [1275, 0]),
        (74, (1275, 0), [0, 0]),
    ],
    ids=["under", "first", "first-holds", "second", "second-held", "second-undone", "first-held", "undone"],
)
def test_clocks_follow_the_thresholds_with_hysteresis(percent, now, expected):
    assert clocks(percent, now) == expected


def test_the_fullest_cap_above_a_member_decides():
    made = snapshot([-1, 0], [10_000, 200], [0, 1], [0] * 2, [400] * 2, [], max_frequency=[1410, 1410])
    drawn = replace(made, draw_watts=column([100, 190]))
    assert Polca().plan(drawn, PARAMETERS).frequency.tolist() == [0, 1110]


def test_without_a_cap_nothing_is_clocked():
    made = snapshot([-1], [2**53], [0], [0], [400], [], max_frequency=[1410])
    assert Polca().plan(replace(made, draw_watts=np.array([390])), PARAMETERS).frequency.tolist() == [0]
