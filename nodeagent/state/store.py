"""The state directory: originals before the first write, the grant before it is acted on."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from nodeagent.obedience.memory import Memory
from nodeagent.state.files import DirectoryLock, remove_durably, set_aside, write_durably
from nodeagent.state.names import GRANT_FILE, LOWERED_FILE, ORIGINALS_FILE
from nodeagent.state.originals import Left, Original

log = logging.getLogger(__name__)

T = TypeVar("T")


class _Originals(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int
    devices: dict[str, Original]


class _Grant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int
    memory: Memory


_VERSION = 1


class StateStore:
    """Originals and memory on disk, one writer at a time.

    A file that cannot be read is kept aside and everything is refused (``broken`` says why) until a person
    accepts the loss: nobody knows any more what the originals were, so nothing may be written over them.

    Raises:
        StateLockedError: Another agent holds the directory.
        OSError: The directory cannot be made or read.
    """

    def __init__(self, directory: Path) -> None:
        self._lock = DirectoryLock(directory)
        self._originals_path = directory / ORIGINALS_FILE
        self._grant_path = directory / GRANT_FILE
        self._directory = directory
        originals = self._load(self._originals_path, _Originals)
        grant = self._load(self._grant_path, _Grant)
        self._originals: dict[str, Original] = dict(originals.devices) if originals else {}
        self._memory: Memory | None = grant.memory if grant else None
        self._broken = self._what_is_broken()

    @property
    def broken(self) -> str:
        """Why nothing may be written, in plain words; empty where all is well."""
        return self._broken

    def _what_is_broken(self) -> str:
        files = ", ".join(path.name for path in self._unreadable())
        if not files:
            return ""
        where = f"saved state in {self._directory} could not be read ({files})"
        return f"{where}: look at it, then start with --accept"

    @property
    def originals(self) -> Mapping[str, Original]:
        """Original settings by device; a device is in here from before its first write until its restore."""
        return self._originals

    @property
    def memory(self) -> Memory | None:
        """The grant as last saved."""
        return self._memory

    def original(self, device: str) -> Original | None:
        """Returns what is saved of a device; None where nothing is."""
        return self._originals.get(device)

    def lowered_by_watchdog(self, device: str) -> float | None:
        """Returns the limit that the watchdog set on a device last; None where it set none."""
        try:
            return float(json.loads((self._directory / LOWERED_FILE).read_bytes())["limits"][device])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def accept(self) -> None:
        """Gives up on what could not be read; the files stay, under yet another name."""
        for path in self._unreadable():
            log.warning("lost state accepted", extra={"file": str(set_aside(path, "accepted"))})
        self._broken = self._what_is_broken()

    def keep_originals(self, found: Mapping[str, Original]) -> None:
        """Saves the originals of devices that have none saved yet; those saved before stay.

        Raises:
            OSError: They could not be saved; the devices must not be written.
        """
        self._save_if_other({**found, **self._originals})

    def note_writing(self, devices: Mapping[str, bool]) -> None:
        """Notes that devices are about to be written, so that what they are left with is not known meanwhile.

        Args:
            devices: Whether a clock ceiling is written, by device; those without an original are passed over.

        Raises:
            OSError: It could not be saved.
        """
        noted = {
            name: msgspec.structs.replace(
                self._originals[name],
                unsettled=True,
                clock_written=self._originals[name].clock_written or sets_clock,
            )
            for name, sets_clock in devices.items()
            if name in self._originals
        }
        self._save_if_other({**self._originals, **noted})

    def note_left(self, left: Mapping[str, Left]) -> None:
        """Notes what devices were left with, now that all writes to them have come back.

        Raises:
            OSError: It could not be saved.
        """
        noted = {
            name: msgspec.structs.replace(self._originals[name], left=as_left, unsettled=False)
            for name, as_left in left.items()
            if name in self._originals
        }
        self._save_if_other({**self._originals, **noted})

    def forget_originals(self, devices: set[str]) -> None:
        """Drops the originals of devices that were restored.

        Raises:
            OSError: The disk is not writable.
        """
        self._save_if_other({name: o for name, o in self._originals.items() if name not in devices})

    def keep_memory(self, memory: Memory | None) -> None:
        """Saves the grant; None drops the one that was saved.

        Raises:
            OSError: It could not be saved; nothing may be raised for its sake.
        """
        if memory == self._memory:
            return
        if memory is None:
            remove_durably(self._grant_path)
        else:
            write_durably(self._grant_path, msgspec.json.encode(_Grant(version=_VERSION, memory=memory)))
        self._memory = memory

    def close(self) -> None:
        """Lets another agent have the directory."""
        self._lock.release()

    def _save_if_other(self, originals: dict[str, Original]) -> None:
        if originals != self._originals:
            self._save_originals(originals)

    def _save_originals(self, originals: dict[str, Original]) -> None:
        if originals:
            content = msgspec.json.encode(_Originals(version=_VERSION, devices=originals))
            write_durably(self._originals_path, content)
        else:
            remove_durably(self._originals_path)
        self._originals = originals

    def _load(self, path: Path, type_: type[T]) -> T | None:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return msgspec.json.decode(content, type=type_)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            aside = set_aside(path, "unreadable")
            log.error("saved state cannot be read", extra={"file": str(aside), "error": str(error)})
            return None

    def _unreadable(self) -> list[Path]:
        found = self._directory.glob("*.json.unreadable-*")
        return sorted(path for path in found if ".accepted-" not in path.name)
