"""The replicas of a replayed service."""

import numpy as np
import pytest

from benchmarks.day.pool import PATIENCE_SECONDS, STOP_SECONDS, Pool
from tests.unit.benchmarks.day import kind

_DT = 5.0


def _run(pool, requests_per_second, seconds):
    return [pool.step(_DT, requests_per_second * _DT) for _ in range(round(seconds / _DT))]


def test_it_settles_at_the_capacity_that_was_worked_out():
    one = kind().capacity
    served = _run(Pool(kind(), 1), one.requests_per_second, 600)[-1]
    assert served.token_seconds == pytest.approx(one.token_seconds, rel=0.01)
    assert served.watts == pytest.approx(one.watts, rel=0.01)
    assert served.running == pytest.approx(one.requests, rel=0.01)
    assert one.token_seconds <= kind().target_seconds


def test_it_begins_in_the_steady_state_of_its_load():
    pool = Pool(kind(), 4, 4.0)
    first, last = (served[at] for served in [_run(pool, 4.0, 300)] for at in (0, -1))
    assert first.token_seconds == pytest.approx(last.token_seconds, rel=0.1)


def test_every_request_is_served_lost_or_still_there():
    random = np.random.default_rng(3)
    pool, asked, done, lost = Pool(kind(), 2), 0.0, 0.0, 0.0
    for _ in range(400):
        arrived = float(random.poisson(random.uniform(0.0, 30.0)))
        served = pool.step(_DT, arrived)
        asked, done, lost = asked + arrived, done + served.tokens / kind().output_tokens, lost + served.lost
    assert asked == pytest.approx(done + lost + pool.waiting + pool.running)
    assert lost > 0


@pytest.mark.parametrize("limit", [3300.0, 3600.0, 4000.0, 5000.0])
def test_a_limit_holds_the_draw_and_costs_time(limit):
    free, held = Pool(kind(), 3), Pool(kind(), 3)
    held.settings.limit_watts = limit
    rate = 3 * kind().capacity.requests_per_second
    for ours, theirs in zip(_run(held, rate, 600), _run(free, rate, 600), strict=True):
        assert ours.watts <= 3 * limit + 1e-6
        assert ours.token_seconds >= theirs.token_seconds - 1e-9


def test_slower_clocks_draw_less_and_take_longer():
    free, slow = Pool(kind(), 1), Pool(kind(), 1)
    slow.settings.speed = 0.6
    rate = 0.5 * kind().capacity.requests_per_second
    ours, theirs = _run(slow, rate, 600)[-1], _run(free, rate, 600)[-1]
    assert ours.watts < theirs.watts
    assert ours.token_seconds > theirs.token_seconds


def test_a_started_replica_draws_before_it_serves():
    pool = Pool(kind(), 1)
    before = _run(pool, 0.0, 60)[-1].watts
    pool.scale(2)
    loading = _run(pool, 0.0, kind().load_seconds - _DT)
    assert pool.ready == 1
    assert all(one.watts > before + kind().server.idle_watts for one in loading)
    _run(pool, 0.0, _DT)
    assert pool.ready == 2


def test_a_stopped_replica_draws_until_it_is_gone():
    pool = Pool(kind(), 2)
    _run(pool, 0.0, 60)
    pool.scale(1)
    assert (pool.ready, pool.alive) == (1, 2)
    drained = _run(pool, 0.0, STOP_SECONDS)
    assert all(one.watts > 2 * kind().server.idle_watts - 1e-6 for one in drained)
    assert pool.alive == 1
    assert _run(pool, 0.0, _DT)[0].watts == pytest.approx(kind().server.idle_watts)


def test_what_does_not_serve_yet_is_stopped_first():
    pool = Pool(kind(), 2)
    pool.scale(4)
    pool.scale(3)
    _run(pool, 0.0, kind().load_seconds)
    assert (pool.bound, pool.ready, pool.alive) == (3, 3, 3)


def test_requests_of_a_stopped_replica_end_there():
    pool = Pool(kind(), 2, 2.0)
    running = pool.running
    pool.scale(1)
    assert pool.running == pytest.approx(running / 2)
    assert pool.step(_DT, 0.0).drained_tokens == pytest.approx(running / 2 * kind().output_tokens / 2)


def test_without_replicas_users_give_up():
    pool = Pool(kind(), 1)
    pool.scale(0)
    _run(pool, 2.0, 20 * PATIENCE_SECONDS)
    assert pool.waiting == pytest.approx(2.0 * PATIENCE_SECONDS, rel=0.1)


def test_a_target_that_no_load_keeps_is_refused():
    with pytest.raises(ValueError, match="no load keeps"):
        _ = kind(target_seconds=0.01).capacity
