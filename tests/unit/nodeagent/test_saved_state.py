"""What the agent keeps on disk is whole or absent, has one writer, and is never overwritten unread."""

import pytest

from nodeagent.keeper import HEARTBEAT_SAVE_SECONDS, MemoryKeeper
from nodeagent.obedience.memory import Memory
from nodeagent.state.files import StateLockedError
from nodeagent.state.originals import Original
from nodeagent.state.store import StateStore
from tests.fakes.devices import FakeDevice
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import Agent

FOUND = Original(limit_watts=650.0, clock_limit_mhz=1500)


@pytest.fixture
def opened(tmp_path):
    stores = []

    def open_store():
        stores.append(StateStore(tmp_path))
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


def test_originals_and_grant_survive(opened):
    store = opened()
    store.keep_originals({"a": FOUND})
    store.keep_memory(Memory(uid="u", budget=budget(3)))
    store.close()
    again = opened()
    assert again.originals == {"a": FOUND}
    assert (again.memory.uid, again.memory.sequence) == ("u", 3)


def test_an_original_is_saved_once(opened):
    store = opened()
    store.keep_originals({"a": FOUND})
    store.keep_originals({"a": Original(limit_watts=300.0), "b": FOUND})
    assert store.originals == {"a": FOUND, "b": FOUND}


def test_what_was_restored_is_forgotten_and_the_last_one_takes_the_file_along(opened, tmp_path):
    store = opened()
    store.keep_originals({"a": FOUND, "b": FOUND})
    store.forget_originals({"a"})
    assert store.originals == {"b": FOUND}
    store.forget_originals({"b"})
    assert not (tmp_path / "originals.json").exists()


def test_a_second_agent_is_refused(opened, tmp_path):
    opened()
    with pytest.raises(StateLockedError, match="state-dir"):
        StateStore(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"version":1}', b"\xff\xfe", b'{"version":1,"devices":{"a":{}}}']
)
async def test_unreadable_state_is_kept_aside_and_nothing_is_written_until_it_is_accepted(tmp_path, content):
    (tmp_path / "originals.json").write_bytes(content)
    devices = [FakeDevice(draw=600.0)]
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, 500, base=400)), domain())
    snapshot = await agent.turns(1)
    assert not devices[0].writes
    assert "--accept" in snapshot.problems[0]
    agent.kill()
    again = StateStore(tmp_path)
    assert "--accept" in again.broken
    again.accept()
    assert again.broken == ""
    again.close()
    kept = [path for path in tmp_path.iterdir() if path.read_bytes() == content and path.name != "lock"]
    assert len(kept) == 1


async def test_a_full_disk_stops_the_first_write(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    devices = [FakeDevice(draw=600.0)]
    agent = Agent(devices, tmp_path)
    monkeypatch.setattr("nodeagent.state.store.write_durably", full)
    agent.see(frequencies(budget(1, 500, base=400)), domain())
    snapshot = await agent.turns(1)
    assert not devices[0].writes
    assert any("No space left" in problem for problem in snapshot.problems)


async def test_a_full_disk_delays_raises_and_confirmations_but_no_cut(tmp_path, monkeypatch):
    devices = [FakeDevice(draw=600.0)]
    agent = Agent(devices, tmp_path)
    agent.see(frequencies(budget(1, 600, base=400)), domain())
    await agent.turns(2)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nodeagent.state.store.write_durably", full)
    agent.see(frequencies(budget(2, 450, base=400)), consistent=False)
    snapshot = await agent.turns(2)
    assert devices[0].limit * 1.02 + 100 <= 450
    assert snapshot.confirmed.sequence == 1
    agent.see(frequencies(budget(3, 700, base=400)), consistent=False)
    await agent.turns(2)
    assert devices[0].limit * 1.02 + 100 <= 450


def test_heartbeats_are_saved_now_and_then(opened):
    store = opened()
    keeper = MemoryKeeper(store)
    for second in range(200):
        assert keeper.keep(Memory(uid="u", budget=budget(), heartbeat_time=f"t{second}"), float(second))
        assert second - int(store.memory.heartbeat_time[1:]) < HEARTBEAT_SAVE_SECONDS
