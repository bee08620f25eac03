"""A process that dies right before or right after its n-th write, to a device or to disk."""

import threading

from nodeagent.devices.nvml_library import NvmlLibrary
from nodeagent.devices.sysfs import Sysfs
from nodeagent.state import files

_SETTERS = ("nvmlDeviceSet", "nvmlDeviceReset")


class Dead(BaseException):
    """The process is no more: nothing may catch it."""


class Death:
    """Counts the writes of one life over all of its threads, and ends it at one of them.

    Once it is dead nothing of it writes any more, whichever thread tries.
    """

    def __init__(self):
        self.at, self.before, self.count, self.dead = 0, False, 0, False
        self._lock = threading.Lock()

    def arm(self, at=0, *, before=False):
        """The next life dies at a write; at none of them with 0."""
        self.at, self.before, self.count, self.dead = at, before, 0, False

    def counted(self, write):
        def one(*arguments, **named):
            mine = self._next()
            self._die(mine, before=True)
            answer = write(*arguments, **named)
            self._die(mine, before=False)
            return answer

        return one

    def install(self, monkeypatch):
        """Counts every write to disk, every setter of NVML, and every attribute of sysfs that is written."""
        # A process that dies takes nothing with it that the kernel has; only a power loss would.
        monkeypatch.setattr("os.fsync", lambda _handle: None)
        for name in ("write_durably", "remove_durably"):
            monkeypatch.setattr(f"nodeagent.state.store.{name}", self.counted(getattr(files, name)))
        monkeypatch.setattr(Sysfs, "write", self.counted(Sysfs.write))
        call, counted = NvmlLibrary.call, self.counted(NvmlLibrary.call)

        def call_counted(library, function, *arguments):
            made = counted if function.startswith(_SETTERS) else call
            return made(library, function, *arguments)

        monkeypatch.setattr(NvmlLibrary, "call", call_counted)
        return self

    def _next(self):
        with self._lock:
            if self.dead:
                raise Dead
            self.count += 1
            return self.count

    def _die(self, mine, *, before):
        if mine == self.at and before == self.before:
            self.dead = True
            raise Dead


async def lived(agent, turns, check, death, seconds=0.5):
    """Turns until the life ends or the turns are over; ``check`` sees every snapshot."""
    for _ in range(turns):
        snapshot = await agent.turn(seconds)
        if death.dead:
            raise Dead
        check(snapshot)
