"""Slowdown curves are held against what servers do under limits, at like load."""

from dataclasses import replace

import numpy as np
import pytest

from common.telemetry.load import LoadTable, Server
from recommender.model.board import Board
from recommender.model.draws import Draws, PodDraw
from recommender.model.slowdown_check import SlowdownCheck
from recommender.model.slowdowns import SlowdownLibrary
from tests.unit.recommender.builders import pod_view

BOARD = Board("GPU-0", "n1", 280.0, 100, 300, 300, 0, 1980)
DRAWS = Draws(pods={"ns/p": PodDraw(280.0, 0.0, False, {"server": 280.0}, ("GPU-0",), "climatik")})
LIBRARY = SlowdownLibrary()


def load(seconds, running=10.0):
    nothing = np.array([np.nan])
    return LoadTable(
        (Server("ns", "p", "m"),), np.array([running]), nothing, nothing, nothing, nothing, nothing,
        np.array([seconds]), np.array([1.0]),
    )  # fmt: skip


@pytest.fixture
def check():
    made = SlowdownCheck(LIBRARY)
    for _ in range(5):
        assert observe(made, 0.020, 0) == []
    return made


def observe(check, seconds, limit, running=10.0):
    boards = {"GPU-0": replace(BOARD, limit_watts=limit)}
    return check.observe([pod_view("p")], DRAWS, boards, load(seconds, running))


def expected_at(limit):
    return 1 + float(
        LIBRARY.estimate("Deployment/chat", 100, 300, 280.0).estimate.curve.slowdown(np.array(limit))
    )


def test_a_server_that_does_as_expected_has_no_error(check):
    (error,) = observe(check, 0.020 * expected_at(180.0), 180)
    assert error < 0.01


def test_one_that_is_slower_than_expected_has(check):
    (error,) = observe(check, 0.020 * 2 * expected_at(180.0), 180)
    assert error == pytest.approx(0.5, abs=0.01)


def test_another_load_is_not_compared(check):
    assert observe(check, 0.05, 180, running=30.0) == []


def test_without_a_pace_of_before_there_is_nothing_to_compare():
    assert observe(SlowdownCheck(LIBRARY), 0.05, 180) == []


def test_an_idle_server_is_passed_over(check):
    assert observe(check, np.nan, 180) == []
