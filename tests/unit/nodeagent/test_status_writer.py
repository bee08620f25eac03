"""The status reaches the cluster under its uid, failures are paced, and a foreign status is written over."""

import asyncio
import dataclasses

import msgspec
import pytest

from common.api.frequencies import BudgetStatus, FrequenciesStatus
from common.clock import SystemClock
from common.kube.errors import ConnectionFailed
from nodeagent.report.pace import PaceSettings, StatusPace
from nodeagent.report.writer import StatusWriter
from tests.fakes.clock import FakeClock
from tests.fakes.devices import FakeDevice
from tests.unit.nodeagent.grants import NODE, budget, domain, frequencies
from tests.unit.nodeagent.harness import Agent


class RecordingClient:
    """Takes applies, or refuses them as an API server that cannot be reached does."""

    def __init__(self):
        self.bodies = []
        self.attempts = 0
        self.reachable = True

    async def apply(self, _resource, body, *, field_manager, subresource):
        self.attempts += 1
        assert (body["metadata"]["name"], field_manager, subresource) == (
            NODE,
            "climatik-nodeagent",
            "status",
        )
        if not self.reachable:
            raise ConnectionFailed("no route")
        self.bodies.append(body)


async def settled(tmp_path, clock=None):
    agent = Agent([FakeDevice(draw=600.0)], tmp_path, clock=clock)
    agent.see(frequencies(budget(1, 500, base=400)), domain())
    snapshot = await agent.turns(2)
    agent.kill()
    return snapshot


@pytest.fixture
async def parts(tmp_path):
    clock = FakeClock()
    snapshot = await settled(tmp_path, clock)
    client = RecordingClient()
    return client, StatusWriter(client, NODE, StatusPace(PaceSettings()), clock), snapshot, clock


async def run_for(writer, turns):
    task = asyncio.create_task(writer.run())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()


async def test_the_body_carries_the_uid_and_the_confirmation(parts):
    client, writer, snapshot, _ = parts
    writer.offer(snapshot)
    await run_for(writer, 20)
    assert client.bodies[0]["metadata"] == {"name": NODE, "uid": "u1"}
    assert client.bodies[0]["status"]["powerBudget"]["sequence"] == 1


async def test_the_same_again_is_not_written(parts):
    client, writer, snapshot, _ = parts
    writer.offer(snapshot)
    await run_for(writer, 20)
    writer.offer(snapshot)
    await run_for(writer, 20)
    assert len(client.bodies) == 1


async def test_a_failure_is_tried_again_but_not_at_once(parts):
    client, writer, snapshot, _ = parts
    client.reachable = False
    for _ in range(5):
        writer.offer(snapshot)
        assert not await writer.write_now()
    attempts = client.attempts
    await run_for(writer, 50)
    assert client.attempts == attempts + 1
    client.reachable = True
    await run_for(writer, 50)
    assert len(client.bodies) == 1


async def test_a_late_write_of_another_agent_is_written_over(parts):
    client, writer, snapshot, clock = parts
    writer.offer(snapshot)
    await run_for(writer, 20)
    foreign = FrequenciesStatus(power_budget=BudgetStatus(uid="u1", sequence=0))
    writer.seen_live(foreign, "u1")
    await run_for(writer, 20)
    assert len(client.bodies) == 1
    clock.advance(5)
    writer.seen_live(foreign, "u1")
    await run_for(writer, 20)
    assert len(client.bodies) == 2


async def test_without_an_object_there_is_nothing_to_write(parts, tmp_path):
    client, writer, _, clock = parts
    bare = Agent([FakeDevice()], tmp_path / "bare", clock=clock)
    bare.see(None)
    writer.offer(await bare.turns(1))
    await run_for(writer, 20)
    assert client.attempts == 0


async def test_a_confirmation_that_a_restored_store_still_bears_is_not_taken_back(parts):
    """An agent that had yet to notice the restore confirmed what it held; the schema allows nothing lower."""
    client, writer, snapshot, _ = parts
    live = FrequenciesStatus(power_budget=BudgetStatus(uid="u1", sequence=4))
    writer.seen_live(live, "u1")
    writer.offer(snapshot)
    await run_for(writer, 20)
    assert client.bodies[-1]["status"]["powerBudget"]["sequence"] == 4


async def test_a_confirmation_of_another_object_counts_for_nothing(parts):
    client, writer, snapshot, _ = parts
    live = FrequenciesStatus(power_budget=BudgetStatus(uid="u0", sequence=4))
    writer.seen_live(live, "u1")
    writer.offer(snapshot)
    await run_for(writer, 20)
    assert client.bodies[-1]["status"]["powerBudget"]["sequence"] == 1


def moved(snapshot, watts, *, done):
    """The same with another limit of its device, or one that is on its way there."""
    view = snapshot.devices[0]
    seen = watts if done else watts - 1.0
    reading = dataclasses.replace(view.reading, limit_watts=seen, requested_watts=seen)
    return dataclasses.replace(
        snapshot, devices=(dataclasses.replace(view, reading=reading, target_watts=watts),)
    )


@pytest.mark.looptime
async def test_limits_that_the_guard_moves_all_the_time_are_written_once_a_second(tmp_path):
    snapshot = await settled(tmp_path)
    client, began = RecordingClient(), asyncio.get_running_loop().time()
    writer = StatusWriter(client, NODE, StatusPace(PaceSettings()), SystemClock())
    running = asyncio.create_task(writer.run())
    for number in range(100):
        writer.offer(moved(snapshot, 300.0 + number, done=number % 3 == 0))
        await asyncio.sleep(0.1)
    writer.offer(moved(snapshot, 400.0, done=True))
    await asyncio.sleep(2.0)
    running.cancel()
    assert asyncio.get_running_loop().time() - began == pytest.approx(12.0)
    assert 10 <= len(client.bodies) <= 12
    assert client.bodies[-1]["status"]["gpus"][0]["requestedWatts"] == 400


@pytest.mark.looptime
async def test_a_confirmation_does_not_wait_for_the_second(tmp_path):
    snapshot = await settled(tmp_path)
    client = RecordingClient()
    writer = StatusWriter(client, NODE, StatusPace(PaceSettings()), SystemClock())
    running = asyncio.create_task(writer.run())
    for sequence in (1, 2, 3):
        confirmed = msgspec.structs.replace(snapshot.confirmed, sequence=sequence)
        writer.offer(dataclasses.replace(snapshot, confirmed=confirmed))
        await asyncio.sleep(0.05)
    running.cancel()
    assert [body["status"]["powerBudget"]["sequence"] for body in client.bodies] == [1, 2, 3]
