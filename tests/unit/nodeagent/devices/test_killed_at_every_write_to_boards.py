"""The agent is killed before and after every write, to boards behind the real ``pynvml`` and to disk."""

import ctypes
import shutil

import pytest

from common.api.frequencies import GpuFrequency
from nodeagent.commands import restore
from nodeagent.devices import nvml
from nodeagent.state.store import StateStore
from tests.fakes.nvml import machine
from tests.fakes.nvml.machine import Fault
from tests.unit.nodeagent.deaths import Dead, Death, lived
from tests.unit.nodeagent.devices.threaded import ThreadedAgent
from tests.unit.nodeagent.grants import budget, domain, frequencies
from tests.unit.nodeagent.harness import REST

GRANTS = [1300, 1100, 1200]
BASE = 600
TURNS = {1: 6, 2: 14, 3: 6}
"""The second is long enough to see that a board does not obey, and to lock its clock for it."""


class Room:
    """Two boards that were found with settings of their own, and a state folder for each trial."""

    def __init__(self, boards, folder, death):
        self.boards, self.folder, self.death = boards, folder, death
        boards.gpus[0].requested_limit_mw = 650_000
        boards.gpus[0].persistence = 1
        for board in boards.gpus[:2]:
            board.load = 1.0
        self.found, self.settings = bytes(boards), self.as_set()

    def begin(self, name):
        """Everything is as it was found."""
        self.put(self.found)
        self.state = self.folder / name
        return self

    def put(self, memory):
        ctypes.memmove(ctypes.addressof(self.boards), memory, len(memory))

    def as_set(self):
        return [
            (board.requested_limit_mw, board.persistence, board.clock_lock_mhz, board.memory_clock_lock_mhz)
            for board in self.boards.gpus[:2]
        ]

    def agent(self):
        found = nvml.discover(clock=lambda: self.boards.now_seconds).devices
        return ThreadedAgent(found, self.state, self.boards.advance)

    @property
    def allowed_watts(self):
        return sum(board.requested_limit_mw for board in self.boards.gpus[:2]) * 1.05 / 1000 + REST

    async def live(self, ending):
        """Obeys all grants and gives the node back, or dies; ``booked`` is what the ledger holds for it."""
        self.book(float("inf"))
        agent = self.agent()
        try:
            for sequence, grant in enumerate(GRANTS, start=1):
                # Under a raise the ledger has booked the new grant before the agent ever saw it.
                self.book(max(self.booked, grant))
                if sequence == 2:
                    self.boards.gpus[1].faults = Fault.UNENFORCED
                lock = [GpuFrequency(gpu_id=self.boards.gpus[0].uuid.decode(), target_frequency=1200)]
                seen = frequencies(
                    budget(sequence, grant, base=BASE), gpu_frequencies=lock if sequence > 1 else []
                )
                agent.see(seen, domain())

                def check(snapshot, sequence=sequence, grant=grant):
                    if snapshot.confirmed.sequence == sequence:
                        self.book(max(grant, snapshot.confirmed.enforced_budget_watts))
                    assert self.allowed_watts <= self.booked

                await lived(agent, TURNS[sequence], check, self.death)
            self.book(float("inf"))
            await ending(self, agent)
        except Dead:
            pass
        agent.kill()

    def book(self, watts):
        """The ledger holds so much for the node from here on."""
        self.booked = watts


async def released(room, agent):
    agent.see(frequencies(budget(len(GRANTS) + 1, 3000, base=BASE, release=True)), domain())
    await lived(agent, 6, lambda _snapshot: None, room.death)


async def restored(room, agent):
    agent.kill()
    store = StateStore(room.state)
    try:
        wrong = restore(nvml.discover().devices, store)
        if room.death.dead:
            raise Dead
        assert wrong == {}
    finally:
        store.close()


ENDINGS = {"a release": released, "the command": restored}


@pytest.fixture
def room(boards, tmp_path, monkeypatch):
    boards.gpu_count = 2
    return Room(boards, tmp_path, Death().install(monkeypatch))


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
async def test_killed_at_every_write(room, ending):
    await room.begin("count").live(ending)
    writes = room.death.count
    assert room.as_set() == room.settings
    assert writes >= 20
    for at in range(1, writes + 1):
        for before in (True, False):
            room.begin(f"{at}-{before}").death.arm(at, before=before)
            await room.live(ending)
            room.death.arm()
            await check_next_life(room)


async def check_next_life(room):
    """The next agent adopts what is left, and both ways of giving back lead to what was found."""
    assert room.allowed_watts <= room.booked
    again = room.agent()
    for _ in range(3):
        await again.turn(0.5)
        assert room.allowed_watts <= room.booked
    assert not any(device.owner for device in again.enforcer.devices), "its own writes are nobody else's"
    again.kill()
    left, copy = bytes(room.boards), room.state.with_name(f"{room.state.name}-copy")
    shutil.copytree(room.state, copy)
    await restored(room, again)
    assert room.as_set() == room.settings
    room.put(left)
    room.state = copy
    last = room.agent()
    await released(room, last)
    last.kill()
    assert room.as_set() == room.settings
    assert not last.store.originals


async def test_both_reasons_for_a_clock_lock_are_among_the_writes(room):
    """The trial above would prove nothing of locks that are never written."""
    locks = []
    await room.begin("locks").live(lambda r, _agent: _noted(locks, r))
    first, second = locks[0]
    assert first == 1200, "a set point"
    assert machine.MIN_CLOCK_MHZ <= second < 1980, "a board that does not obey its limit"


async def _noted(locks, room):
    locks.append([board.clock_lock_mhz for board in room.boards.gpus[:2]])
