"""Keeps the obeyed grant on disk: at once when it changed, now and then for its heartbeat."""

from __future__ import annotations

import logging

import msgspec

from nodeagent.obedience.memory import Memory
from nodeagent.state.store import StateStore

log = logging.getLogger(__name__)

HEARTBEAT_SAVE_SECONDS = 60.0
"""A tenth of the default lease: after a restart without the cluster, the lease ends at most so much early."""


class MemoryKeeper:
    """Writes the memory to the state directory, and says so when it cannot."""

    def __init__(self, store: StateStore) -> None:
        self.problem = ""
        self._store = store
        self._saved_at = float("-inf")

    def is_kept(self, memory: Memory | None) -> bool:
        """Whether what counts of a memory is on disk."""
        return _without_heartbeat(self._store.memory) == _without_heartbeat(memory)

    def keep(self, memory: Memory | None, now: float) -> bool:
        """Saves the memory if need be; False while what counts of it is not on disk.

        Args:
            memory: The grant that counts.
            now: Monotonic seconds.
        """
        same = self.is_kept(memory)
        if same and not self._is_heartbeat_due(memory, now):
            return True
        try:
            self._store.keep_memory(memory)
        except OSError as error:
            self._report(f"the grant could not be saved, so no limit is raised for it: {error}")
            return same
        self.problem = ""
        self._saved_at = now
        return True

    def _is_heartbeat_due(self, memory: Memory | None, now: float) -> bool:
        saved = self._store.memory
        if memory is None or saved is None or memory.heartbeat_time == saved.heartbeat_time:
            return False
        return not saved.heartbeat_time or now - self._saved_at >= HEARTBEAT_SAVE_SECONDS

    def _report(self, problem: str) -> None:
        if self.problem != problem:
            log.error("state is not saved", extra={"why": problem})
        self.problem = problem


def _without_heartbeat(memory: Memory | None) -> Memory | None:
    return None if memory is None else msgspec.structs.replace(memory, heartbeat_time="")
