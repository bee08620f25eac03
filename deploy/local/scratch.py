"""Temporary folders that are removed in the end, if need be by a later process."""

import fcntl
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

_OWNER_FILE = "owner.lock"
_YOUNG_SECONDS = 60.0


class ScratchFolder:
    """A temporary folder with a lock that its owner holds, which tells what a killed owner left behind."""

    def __init__(self, prefix: str) -> None:
        remove_abandoned(prefix)
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        self._lock = _lock(self.path)

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()


def remove_abandoned(prefix: str) -> None:
    """Remove folders of this prefix whose owner is dead."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with suppress(OSError):  # another user's, or removed at this moment
            # A young one may be about to be locked.
            if time.time() - folder.stat().st_mtime > _YOUNG_SECONDS and (lock := _lock(folder)):
                shutil.rmtree(folder, ignore_errors=True)
                lock.close()


def _lock(folder: Path) -> IO[str] | None:
    lock = (folder / _OWNER_FILE).open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock
