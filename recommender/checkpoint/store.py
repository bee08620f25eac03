"""Where checkpoints go."""

from __future__ import annotations

from typing import Protocol

from recommender.checkpoint.entries import Entries


class CheckpointError(Exception):
    """A checkpoint could not be read or written; the message says what to do. Nothing else depends on it."""


class CheckpointStore(Protocol):
    """Keeps entries."""

    async def read(self) -> Entries:
        """Returns what was kept; nothing where there is no checkpoint yet.

        Raises:
            CheckpointError: It is there and cannot be read.
        """
        ...

    async def write(self, entries: Entries) -> int:
        """Keeps entries in the place of those before; returns how many found no room.

        Raises:
            CheckpointError: It could not be written.
        """
        ...
