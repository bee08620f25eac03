"""Requests take the time that the profile says, longer under limits; the draw follows what is done."""

import numpy as np
import pytest

from common.replay.row import Limits
from common.replay.server import A100_SERVER
from tests.unit.replay.rows import DT, PROFILE, requests, serve

SERVER = A100_SERVER


def limits(watts=np.inf, clock=np.inf, servers=1):
    return Limits(np.full(servers, watts), np.full(servers, clock))


def test_a_request_alone_takes_its_prompt_and_its_tokens():
    row, _ = serve(requests([(0, 0, 1000, 100)]), 10)
    assert row.done_at[0] == pytest.approx(1.0 + 100 * 0.05, abs=1e-6)


def test_prompts_are_worked_off_in_order_and_stop_decode():
    row, _ = serve(requests([(0, 0, 1000, 20), (0, 0, 1000, 20)]), 10)
    # Both prompts take 2 s; the first one's tokens wait for the second's prompt.
    assert row.done_at.tolist() == pytest.approx([3.0, 3.0], abs=1e-6)


def test_servers_do_not_touch_each_other():
    alone, _ = serve(requests([(0, 0, 1000, 100)], servers=2), 10)
    beside, _ = serve(requests([(0, 0, 1000, 100), (0, 1, 1000, 100)], servers=2), 10)
    assert beside.done_at[0] == alone.done_at[0]


def test_tokens_of_all_that_is_done_are_counted():
    row, _ = serve(requests([(0, 0, 100, 30), (1, 0, 100, 50)]), 10)
    # What a request takes within its last step beyond its end is less than a step's tokens.
    assert row.tokens[0] == pytest.approx(80, abs=2 * DT / 0.05)


def test_the_draw_is_that_of_each_phase():
    _, watts = serve(requests([(0, 0, 1000, 100)]), 10)
    rest, board = SERVER.rest_watts, SERVER.gpu.max_limit_watts
    assert watts[0, 0] == pytest.approx(rest + 8 * board)
    assert watts[int(3 / DT), 0] == pytest.approx(rest + 8 * 0.6 * board)
    assert watts[-1, 0] == pytest.approx(SERVER.idle_watts)


@pytest.mark.parametrize("watts", [5200.0, 4400.0, 3900.0, 3400.0])
def test_no_server_draws_more_than_its_limit(watts):
    _, drawn = serve(requests([(0, 0, 1000, 50), (2, 0, 900, 50)]), 20, limits(watts))
    assert drawn.max() <= watts + 20  # the clock grid of 15 MHz


def test_a_lower_limit_takes_longer_and_a_clock_does_too():
    asked = requests([(0, 0, 1000, 100)])
    free, low, lower, clocked = (
        serve(asked, 60, bound)[0].done_at[0]
        for bound in (limits(), limits(4400.0), limits(3600.0), limits(clock=1110.0))
    )
    assert free < low < lower
    # Prompts by the clock for the most part, decode hardly: that is bound by memory.
    slower = 1410 / 1110
    assert clocked == pytest.approx(0.13 + 0.87 * slower + 5.0 * (0.98 + 0.02 * slower), abs=1e-3)


def test_a_server_that_starts_rises_along_the_ramp():
    rows = [(10, 0, 1000, 2000)]
    _, watts = serve(requests(rows, started=[10.0]), 20)
    first, second, full = (watts[int(at / DT), 0] for at in (10.25, 11.5, 15.0))
    assert SERVER.idle_watts <= first < second
    assert full == pytest.approx(SERVER.rest_watts + 8 * 0.6 * 400)


def test_larger_batches_share_the_pace():
    slow = PROFILE.__class__(**{**vars(PROFILE), "token_seconds": np.array([0.05, 0.5])})
    one, _ = serve(requests([(0, 0, 100, 100)]), 60, profile=slow)
    ten, _ = serve(requests([(0, 0, 100, 100)] * 10), 120, profile=slow)
    assert ten.done_at.max() > 3 * one.done_at[0]
