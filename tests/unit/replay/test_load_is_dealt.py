"""Recorded requests become streams of servers: by seed, at a rate, the same in a larger row."""

from dataclasses import replace

import numpy as np
import pytest

from common.replay.load import HIGH, LOW, LoadShape, Trace, deal, priorities, ramp_of
from common.replay.profile import splitwise_profile

SPAN = 1000.0
TRACE = Trace(np.linspace(0, SPAN, 5001), np.arange(5001.0), np.arange(5001.0) % 7)
CALM = LoadShape(requests_per_second=0.5, restarts_per_hour=0.0)


def of_server(dealt, server):
    return sorted(dealt.prompt_tokens[dealt.server == server].tolist())


def test_each_server_gets_its_rate():
    dealt = deal(TRACE, CALM, 20, seed=1)
    assert len(dealt.seconds) == pytest.approx(20 * 0.5 * SPAN, rel=0.05)
    assert (np.diff(dealt.seconds) >= 0).all()
    assert dealt.output_tokens.min() >= 1


def test_more_than_the_trace_has_is_made_of_several_copies():
    busy = replace(CALM, requests_per_second=12.0)
    dealt = deal(TRACE, busy, 2, seed=1)
    assert len(dealt.seconds) == pytest.approx(2 * 12 * SPAN, rel=0.05)


def test_the_same_seed_deals_the_same_and_another_does_not():
    one, same, other = (deal(TRACE, CALM, 4, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.seconds, same.seconds)
    assert len(one.seconds) != len(other.seconds) or not np.array_equal(one.seconds, other.seconds)


def test_a_server_keeps_its_requests_in_a_larger_row():
    small, large = (deal(TRACE, CALM, servers, seed=3) for servers in (4, 9))
    assert of_server(small, 2) == of_server(large, 2)


def test_while_a_server_is_down_its_peers_of_equal_priority_serve():
    shape = replace(CALM, restarts_per_hour=3600.0)
    dealt = deal(TRACE, shape, 6, seed=1)
    assert np.isfinite(dealt.started).all()
    for server, up in enumerate(dealt.started.tolist()):
        own = dealt.seconds[dealt.server == server]
        assert not ((own >= up - shape.down_seconds) & (own < up - 1e-9)).any()
    even = int(np.isin(dealt.server, [0, 2, 4]).sum())
    calm = deal(TRACE, CALM, 6, seed=1)
    assert even == int(np.isin(calm.server, [0, 2, 4]).sum())


def test_the_last_requests_before_a_start_wait_for_it():
    shape = replace(CALM, restarts_per_hour=3600.0, held_seconds=30.0)
    dealt = deal(TRACE, shape, 6, seed=1)
    waiting = [int((dealt.seconds[dealt.server == i] == up).sum()) for i, up in enumerate(dealt.started)]
    assert min(waiting) > 5


def test_half_of_a_row_is_high_priority():
    assert priorities(5).tolist() == [HIGH, LOW, HIGH, LOW, HIGH]


def test_the_ramp_is_the_mean_of_the_steepest_rises():
    quick = np.array([100.0] * 10 + [200.0] * 40)
    slow = np.array([0.0] * 20 + [50.0] + [100.0] * 40)
    ramp = ramp_of([quick, slow])
    assert ramp[0] == 0.0
    assert ramp[-1] == 1.0
    assert (np.diff(ramp) >= 0).all()


def profile_row(**changes):
    row = {
        "model": "m", "hardware": "a100-80gb", "prompt_size": "512", "batch_size": "1", "token_size": "128",
        "peak_power": "0.9", "average_power": "0.6", "prompt_time": "200", "token_time": "50",
        "tensor_parallel": "8",
    }  # fmt: skip
    return row | changes


def test_a_profile_is_read_from_the_published_sweeps():
    rows = [
        profile_row(),
        profile_row(prompt_time="220"),
        profile_row(prompt_size="1024", prompt_time="400", peak_power="1.0"),
        profile_row(batch_size="8", token_time="60", average_power="0", peak_power="0"),
        profile_row(tensor_parallel="4", prompt_time="9999"),
        profile_row(model="other", prompt_time="9999"),
    ]
    profile = splitwise_profile(rows, "m", "a100-80gb")
    assert profile.prompt_seconds.tolist() == pytest.approx([0.21, 0.4])
    assert profile.token_seconds.tolist() == pytest.approx([0.05, 0.06])
    assert profile.token_draw.tolist() == pytest.approx([0.6, 0.6])  # 0 means: not measured
    assert profile.seconds_for_prompts(np.array([2048.0]))[0] == pytest.approx(0.4 + 0.19 * 2)
    with pytest.raises(ValueError, match="no profile of x"):
        splitwise_profile(rows, "x", "a100-80gb")
