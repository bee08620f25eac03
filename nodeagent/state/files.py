"""Files that are either the old or the new one, whatever happens, and a lock that only one process holds."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from nodeagent.state.names import LOCK_FILE


class StateLockedError(Exception):
    """Another agent holds the state directory."""


def write_durably(path: Path, content: bytes) -> None:
    """Replaces a file such that after a crash at any point it is whole: the old one or the new one.

    Raises:
        OSError: The disk is full or not writable; the old file is untouched.
    """
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
    _sync_directory(path.parent)


def remove_durably(path: Path) -> None:
    """Removes a file, also across a crash that follows."""
    path.unlink(missing_ok=True)
    _sync_directory(path.parent)


def set_aside(path: Path, suffix: str) -> Path:
    """Renames a file to a name of its own that nothing reads or overwrites, and returns that name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.{suffix}-{number}")).exists():
        number += 1
    path.rename(aside)
    _sync_directory(path.parent)
    return aside


class DirectoryLock:
    """An exclusive lock on a directory; the kernel lets go of it when the process ends, however it ends.

    Raises:
        StateLockedError: Another process holds it.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(directory / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._handle: int | None = handle
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise StateLockedError(f"{directory}: another node agent runs with this --state-dir") from error

    def release(self) -> None:
        """Lets go of the lock; once is enough, more does no harm."""
        if self._handle is not None:
            os.close(self._handle)
        self._handle = None


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
