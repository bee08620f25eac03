"""A checkpoint in one file, replaced as a whole."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import msgspec

from recommender.checkpoint.entries import Entries
from recommender.checkpoint.shards import from_shards
from recommender.checkpoint.store import CheckpointError


class FileStore:
    """Keeps all entries; a crash leaves the old file or the new one.

    Args:
        path: Of the file; its folder must exist and be writable.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    async def read(self) -> Entries:
        """Returns what was kept; nothing where there is no file.

        Raises:
            CheckpointError: The file cannot be read.
        """
        return await asyncio.to_thread(self._read)

    async def write(self, entries: Entries) -> int:
        """Replaces the file.

        Raises:
            CheckpointError: The folder is missing, full or not writable.
        """
        await asyncio.to_thread(self._write, entries)
        return 0

    def _read(self) -> Entries:
        try:
            return from_shards([self._path.read_bytes()])
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise CheckpointError(f"--checkpoint-file {self._path}: {error}") from error

    def _write(self, entries: Entries) -> None:
        beside = self._path.with_name(f"{self._path.name}.new")
        try:
            with beside.open("wb") as file:
                file.write(msgspec.msgpack.encode(entries))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            raise CheckpointError(f"--checkpoint-file {self._path}: {error.strerror}") from error
