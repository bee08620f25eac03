"""Beside the cycles: remember, work, keep; no failure ends it."""

import asyncio
from datetime import timedelta

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from common.clock import SystemClock
from common.telemetry.columns import Matrix
from common.telemetry.errors import TelemetryUnavailableError
from recommender.background import Background, BackgroundSettings
from recommender.checkpoint.store import CheckpointError
from recommender.model.memory import Memory
from recommender.output.metrics import RecommenderMetrics
from tests.unit.recommender.builders import NOW


class Clock(SystemClock):
    """Wall time that stands at noon; intervals follow the event loop."""

    def now(self):
        return NOW + timedelta(seconds=1)


class Store:
    def __init__(self, *, broken=None):
        self.broken = broken
        self.kept = {}
        self.writes = 0

    async def read(self):
        self._fail()
        return self.kept

    async def write(self, entries):
        self.writes += 1
        self._fail()
        self.kept = entries
        return 0

    def _fail(self):
        if self.broken:
            raise self.broken


class Recorded:
    """Two weeks of one policy, recorded each five minutes; domains and load were not."""

    def __init__(self, *, broken=False):
        self.broken = broken

    async def query_range(self, expression, *, start, end, step_seconds):
        if self.broken:
            raise TelemetryUnavailableError("no answer")
        times = np.arange(start, end + 1, step_seconds)
        if "policy_watts" not in expression:
            return Matrix([], times, np.zeros((0, times.size)))
        labels = [{"namespace": "ns", "policy": "cap"}]
        return Matrix(labels, times, (900 + 100 * np.sin(times / 13751))[None, :])


def background(memory, *, store=None, prometheus=None, read_past=True):
    metrics = RecommenderMetrics(CollectorRegistry())
    made = Background(memory, prometheus, store, BackgroundSettings(read_past, 60.0), metrics, Clock())
    return made, metrics.registry


def failures(registry, kind, reason):
    labels = {"kind": kind, "reason": reason}
    return registry.get_sample_value("climatik_recommender_failures_total", labels)


async def until(condition):
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(1)
    raise AssertionError("it never happened")


@pytest.mark.looptime
async def test_what_is_recorded_becomes_a_model_without_any_cycle():
    memory = Memory()
    made, _ = background(memory, prometheus=Recorded())
    task = asyncio.create_task(made.run())
    await until(lambda: memory.forecaster.ahead("policy/ns/cap") is not None)
    task.cancel()
    assert memory.forecaster.ahead("policy/ns/cap").present == pytest.approx(900, abs=110)


@pytest.mark.looptime
async def test_checkpoints_are_written_again_and_again_and_read_at_the_next_start():
    store, memory = Store(), Memory()
    for second in range(0, 1200, 5):
        memory.forecaster.observe(NOW.timestamp() + second - 1200, {"policy/ns/cap": 900.0 + second % 7})
    made, registry = background(memory, store=store)
    task = asyncio.create_task(made.run())
    await until(lambda: store.writes >= 3)
    task.cancel()
    name = "climatik_recommender_checkpoint_entries"
    assert registry.get_sample_value(name, {"outcome": "kept"}) == 1
    after = Memory()
    await background(after, store=store)[0].remember()
    assert after.forecaster.rows.names == ("policy/ns/cap",)


@pytest.mark.looptime
@pytest.mark.parametrize("error", [CheckpointError("the disk is full"), RuntimeError("nobody thought of")])
async def test_a_store_that_fails_is_counted_and_the_rest_goes_on(error):
    memory, store = Memory(), Store(broken=error)
    made, registry = background(memory, store=store, prometheus=Recorded())
    task = asyncio.create_task(made.run())
    await until(lambda: store.writes >= 2)
    assert not task.done()
    task.cancel()
    assert failures(registry, "checkpoint", type(error).__name__) >= 3
    assert memory.forecaster.ahead("policy/ns/cap") is not None


@pytest.mark.looptime
async def test_a_past_that_no_model_takes_is_counted_and_the_rest_goes_on(monkeypatch):
    memory, store = Memory(), Store()
    made, registry = background(memory, store=store, prometheus=Recorded())

    def fails(past):
        raise ValueError("two weeks of nonsense")

    monkeypatch.setattr(memory.forecaster, "load", fails)
    task = asyncio.create_task(made.run())
    await until(lambda: store.writes >= 1)
    task.cancel()
    assert failures(registry, "history", "ValueError") == 1


async def test_a_prometheus_that_does_not_answer_leaves_an_empty_memory():
    memory = Memory()
    await background(memory, prometheus=Recorded(broken=True))[0].remember()
    assert memory.forecaster.rows.names == ()


async def test_the_past_is_left_alone_where_the_settings_say_so():
    memory = Memory()
    await background(memory, prometheus=Recorded(), read_past=False)[0].remember()
    assert memory.forecaster.rows.names == ()


@pytest.mark.looptime
async def test_a_batch_that_fails_does_not_end_the_work(monkeypatch):
    memory = Memory()
    made, registry = background(memory)

    def fails(at):
        raise np.linalg.LinAlgError("singular")

    monkeypatch.setattr(memory.forecaster, "work", fails)
    task = asyncio.create_task(made.run())
    await until(lambda: (failures(registry, "model", "LinAlgError") or 0) >= 3)
    assert not task.done()
    task.cancel()
