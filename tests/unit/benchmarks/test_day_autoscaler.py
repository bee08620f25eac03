"""The autoscaler that the planner is held against."""

import pytest

from benchmarks.day.autoscaler import TARGET_SHARE, Autoscaler, Scaling
from benchmarks.day.pool import Pool, Served
from tests.unit.benchmarks.day import kind


def _requests(replicas):
    return replicas * TARGET_SHARE * kind().capacity.requests


def _act(replicas, requests, bounds=Scaling(1, 100)):  # noqa: B008 - frozen
    pool = Pool(kind(), replicas)
    Autoscaler([bounds]).act(0.0, [pool], [Served(running=requests)])
    return pool.bound


@pytest.mark.parametrize(
    ("wanted", "expected"), [(10, 10), (10.9, 10), (9.1, 10), (12, 12), (13.5, 14), (40, 20)]
)
def test_up_at_once_within_tolerance_and_speed(wanted, expected):
    assert _act(10, _requests(wanted)) == expected


def test_down_only_after_five_quiet_minutes():
    pool, autoscaler = Pool(kind(), 10), Autoscaler([Scaling(1, 100)])
    autoscaler.act(0.0, [pool], [Served(running=_requests(10))])
    for step in range(1, 21):
        autoscaler.act(15.0 * step, [pool], [Served(running=_requests(4.9))])
        assert pool.bound == (10 if step < 20 else 5)


def test_bounds_hold():
    assert _act(10, _requests(40), Scaling(1, 12)) == 12
    pool, autoscaler = Pool(kind(), 10), Autoscaler([Scaling(3, 12)])
    for step in range(40):
        autoscaler.act(15.0 * step, [pool], [Served(running=0.0)])
    assert pool.bound == 3


def test_it_looks_every_fifteen_seconds():
    pool, autoscaler = Pool(kind(), 4), Autoscaler([Scaling(1, 100)])
    autoscaler.act(0.0, [pool], [Served(running=_requests(4))])
    autoscaler.act(10.0, [pool], [Served(running=_requests(8))])
    assert pool.bound == 4
    autoscaler.act(15.0, [pool], [Served(running=_requests(8))])
    assert pool.bound == 8
