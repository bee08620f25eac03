"""A real process dies of a real SIGKILL inside of each call of a setter; the boards live on in their file."""

import asyncio
import os
import signal
import struct
import time
import warnings

import pytest

from tests.unit.nodeagent.deaths import Death
from tests.unit.nodeagent.devices.test_killed_at_every_write_to_boards import Room, check_next_life, released

LONGEST_SECONDS = 20.0


class WatchedRoom(Room):
    """What the ledger books goes through a pipe, so that it is known of a process that was killed."""

    def __init__(self, boards, folder):
        super().__init__(boards, folder, Death())
        self.reader, self.writer = os.pipe()

    def book(self, watts):
        super().book(watts)
        os.write(self.writer, struct.pack("d", watts))

    def lived(self):
        """One whole life in a process of its own; returns the signal that ended it, 0 for none."""
        ended_by = in_a_process(self.live(released))
        self.booked = struct.unpack("d", os.read(self.reader, 65_536)[-8:])[0]
        return ended_by

    def close(self):
        os.close(self.reader)
        os.close(self.writer)


def in_a_process(coroutine):
    """Runs it in a child; this process itself has no threads of agents, which a child would get half of."""
    with warnings.catch_warnings():
        # Python warns of threads that others have left; none of those holds a lock that is needed here.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        failed = 1
        try:
            asyncio.run(coroutine)
            failed = 0
        finally:
            os._exit(failed)
    coroutine.close()
    ends = time.monotonic() + LONGEST_SECONDS
    while not (found := os.waitpid(child, os.WNOHANG))[0] and time.monotonic() < ends:
        time.sleep(0.002)
    if not found[0]:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        pytest.fail("the process hangs")
    assert os.WIFSIGNALED(found[1]) or os.WEXITSTATUS(found[1]) == 0
    return os.WTERMSIG(found[1])


@pytest.fixture
def room(boards, tmp_path):
    boards.gpu_count = 2
    found = WatchedRoom(boards, tmp_path)
    yield found
    found.close()


def test_killed_in_every_call_of_a_setter(room):
    boards = room.begin("count").boards
    assert room.lived() == 0
    assert room.as_set() == room.settings
    setters = boards.setters
    assert setters >= 10
    for at in range(1, setters + 1):
        for after in (0, 1):
            room.begin(f"{at}-{after}")
            boards.kill_at, boards.kill_after = at, after
            assert room.lived() == signal.SIGKILL
            boards.kill_at = 0
            assert in_a_process(check_next_life(room)) == 0
