"""What one sink is still to be told: bounded, on disk, one entry for each alert."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from common.alerts.notice import SEVERITIES, Notice

log = logging.getLogger(__name__)

S = TypeVar("S")


class Outbox:
    """Notices that wait for a sink.

    A later notice of an alert takes the place of the one that waits: after an outage each alert is told
    once, as it then is. One that began and ended meanwhile is told with its beginning and its end.

    Attributes:
        problem: Why the disk does not hold what memory does; empty where it does.
    """

    def __init__(self, path: Path, limit: int, on_drop: Callable[[], None]) -> None:
        self._path = path
        self._limit = limit
        self._on_drop = on_drop
        self.problem = ""
        self._waiting = {notice.fingerprint: notice for notice in load(path, list[Notice], [])}

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, notices: Sequence[Notice]) -> None:
        """Adds notices; when it is full the least severe and oldest goes, which is counted and logged."""
        if not notices:
            return
        for notice in notices:
            self._waiting.pop(notice.fingerprint, None)
            self._waiting[notice.fingerprint] = notice
        while len(self._waiting) > self._limit:
            self._drop(min(self._waiting.values(), key=_worth))
        self._save()

    def batch(self, largest: int, wanted: Callable[[Notice], bool]) -> list[Notice]:
        """Returns waiting notices of one group, that of the oldest one that is wanted now."""
        ready = [notice for notice in self._waiting.values() if wanted(notice)]
        return [notice for notice in ready if notice.group == ready[0].group][:largest]

    def first(self, largest: int) -> list[Notice]:
        """Returns the oldest notices, of whatever group."""
        return list(self._waiting.values())[:largest]

    def done(self, notices: Sequence[Notice]) -> None:
        """Forgets notices that were told; one that has changed meanwhile stays."""
        for notice in notices:
            if self._waiting.get(notice.fingerprint) == notice:
                del self._waiting[notice.fingerprint]
        self._save()

    def refuse(self, notices: Sequence[Notice]) -> None:
        """Drops notices that the sink will never take."""
        for notice in notices:
            if self._waiting.get(notice.fingerprint) == notice:
                self._drop(notice)
        self._save()

    def _drop(self, notice: Notice) -> None:
        del self._waiting[notice.fingerprint]
        self._on_drop()
        log.error(
            "an alert was dropped",
            extra={
                "sink": self._path.stem,
                "alert": notice.name,
                "object": notice.where,
                "state": notice.state,
            },
        )

    def _save(self) -> None:
        self.problem = save(self._path, list(self._waiting.values()))


def load(path: Path, type_: type[S], otherwise: S) -> S:
    """Reads a file of this package; a missing or broken one is as none, the broken one kept aside."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=type_)
    except FileNotFoundError:
        return otherwise
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        log.error("a file cannot be read; it is kept aside", extra={"path": str(path), "error": str(error)})
        path.replace(path.with_suffix(".broken"))
        return otherwise


def save(path: Path, value: Any) -> str:
    """Writes a file so that a crash leaves the old or the new one; returns what went wrong, if anything."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as out:
            out.write(msgspec.json.encode(value))
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        log.error("alerts cannot be kept on disk", extra={"path": str(path), "error": str(error)})
        return f"{path} cannot be written ({error.strerror})"
    return ""


def _worth(notice: Notice) -> tuple[int, str]:
    return SEVERITIES.index(notice.severity), notice.started_at
