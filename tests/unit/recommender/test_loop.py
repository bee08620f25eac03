"""A cycle with every interval, at once for what people change, whatever Prometheus does."""

import asyncio
from types import SimpleNamespace

import msgspec
import pytest

from recommender.config import RecommenderSettings
from recommender.input.readings import Readings
from recommender.loop import Loop
from tests.unit.recommender.builders import NOW, domain, policy

pytestmark = pytest.mark.looptime


class FakeInformer:
    synced = True

    def __init__(self, *objects):
        self.objects = list(objects)
        self.handlers = []

    def on_change(self, handler):
        self.handlers.append(handler)

    def items(self):
        return list(self.objects)

    def change(self, old, new):
        self.objects = [one for one in self.objects if old is None or one.key != old.key]
        self.objects += [new] if new else []
        for handler in self.handlers:
            handler(old, new)


class HangingPrometheus:
    async def query(self, expression, *, at=None):
        await asyncio.sleep(1e6)

    query_range = query


class FakeClock:
    def now(self):
        return NOW

    def monotonic(self):
        return asyncio.get_running_loop().time()


class Bench:
    def __init__(self):
        policies, domains = FakeInformer(policy("one")), FakeInformer(domain("room"))
        self.cluster = SimpleNamespace(policies=policies, domains=domains, objects=self.objects)
        self.handled = []
        self.cycles = []
        self.divisions = 0
        self.cycle_seconds = 0.0
        engine = SimpleNamespace(
            cycle_beside=self.cycle, with_domains=self.divide, plans=[("room", None, None)]
        )
        settings = RecommenderSettings(interval_seconds=5.0)
        readings = Readings(settings, self.cluster, HangingPrometheus(), FakeClock())
        routine = SimpleNamespace(handle=self.handle)
        self.loop = Loop(settings, self.cluster, readings, engine, routine, FakeClock())

    def objects(self):
        return SimpleNamespace(policies=self.cluster.policies.items(), domains=self.cluster.domains.items())

    async def cycle(self, objects, now):
        self.cycles.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.cycle_seconds)

    def divide(self, objects, now):
        self.divisions += 1

    async def handle(self, task):
        self.handled.append((asyncio.get_running_loop().time(), task.kind, task.name))

    async def run(self, seconds):
        task = asyncio.create_task(self.loop.run())
        await asyncio.sleep(seconds)
        return task


async def stop(task):
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cycles_go_on_at_their_interval_while_prometheus_hangs():
    bench = Bench()
    await stop(await bench.run(17))
    assert bench.cycles == [1, 6, 11, 16]


async def test_every_object_is_brought_up_to_date_in_each_cycle():
    bench = Bench()
    await stop(await bench.run(2))
    assert {task[1:] for task in bench.handled} == {("policy", "one"), ("domain", "room"), ("plan", "room")}


async def test_a_new_policy_is_handled_at_once():
    bench = Bench()
    task = await bench.run(3)
    bench.cluster.policies.change(None, policy("new"))
    await asyncio.sleep(0.01)
    assert (3.0, "policy", "new") in bench.handled
    await stop(task)


async def test_a_change_of_status_alone_is_not_worth_a_pass():
    bench = Bench()
    task = await bench.run(3)
    before = len(bench.handled)
    bench.cluster.policies.change(policy("one"), policy("one"))
    await asyncio.sleep(0.01)
    assert len(bench.handled) == before
    await stop(task)


async def test_a_changed_cap_is_divided_and_planned_at_once():
    bench = Bench()
    task = await bench.run(3)
    old = domain("room")
    metadata = msgspec.structs.replace(old.metadata, generation=2)
    bench.cluster.domains.change(old, msgspec.structs.replace(old, metadata=metadata))
    await asyncio.sleep(0.01)
    assert bench.divisions == 1
    assert (3.0, "plan", "room") in bench.handled
    await stop(task)


async def test_what_people_change_during_a_long_cycle_is_answered_at_once_and_not_overwritten():
    bench = Bench()
    bench.cycle_seconds = 4.0
    task = await bench.run(12)
    old = domain("room")
    metadata = msgspec.structs.replace(old.metadata, generation=2)
    bench.cluster.domains.change(old, msgspec.structs.replace(old, metadata=metadata))
    bench.cluster.policies.change(None, policy("new"))
    await asyncio.sleep(0.01)
    assert (12.0, "policy", "new") in bench.handled
    assert bench.divisions == 1
    await asyncio.sleep(3)
    assert bench.divisions == 2
    await stop(task)
