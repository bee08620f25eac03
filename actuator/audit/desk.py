"""The record during one term: when it is read, when it is written, and where every subject stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from actuator.audit.keeper import RecordKeeper
from actuator.audit.stands import stands_of, with_stands
from actuator.ladder.action import Rung
from actuator.ladder.standing import Stand
from common.api.decisions import Record
from common.clock import Clock

RECORD_SECONDS = 10.0
"""What is worth a note, but safe to lose, is written at most so often."""


class RecordDesk:
    """What a deed follows is written at once; all else now and then, with what is written anyway.

    Args:
        keeper: The record.
        clock: The time.
        dry_run: Whether to read and write nothing.
    """

    def __init__(self, keeper: RecordKeeper, clock: Clock, *, dry_run: bool) -> None:
        self._keeper = keeper
        self._clock = clock
        self._dry_run = dry_run
        self._stands: dict[str, Stand] = {}
        self._is_open = False
        self._written_at = float("-inf")

    @property
    def held(self) -> bool:
        """Whether the version that is on the server is known."""
        return self._keeper.held

    @property
    def stands(self) -> Mapping[str, Stand]:
        """Where every subject stands."""
        return self._stands

    async def open(self, since: datetime) -> Record:
        """Returns the record: read at the start of a term, and again after a write that may have failed.

        Args:
            since: When the term began: deadlines on the ladder begin anew with it.

        Raises:
            KubeError: It could not be had; nothing may be done then.
        """
        if not self._keeper.held and not self._dry_run:
            await self._keeper.load()
        if not self._is_open:
            self._stands = stands_of(self._keeper.record, since)
            self._is_open = True
        return self._keeper.record

    async def keep(self, record: Record, stands: Mapping[str, Stand]) -> None:
        """Takes a round's notes over; writes them when a rung has changed, or now and then.

        Raises:
            KubeError: It is not certain that they were written.
        """
        climbed = _rungs(stands) != _rungs(self._stands)
        self._stands = dict(stands)
        self._keeper.record = with_stands(record, stands) if climbed else record
        due = self._clock.monotonic() - self._written_at >= RECORD_SECONDS
        if self._keeper.dirty and due and not self._dry_run:
            await self._save()

    async def note(self, record: Record) -> None:
        """Writes down at once what is about to be done.

        Raises:
            KubeError: It is not certain that it was written: then nothing may be done.
        """
        self._keeper.record = record
        await self._save()

    def add(self, record: Record) -> None:
        """Takes over what is written with the next notes."""
        self._keeper.record = record

    @property
    def record(self) -> Record:
        """The record as it is known now."""
        return self._keeper.record

    async def _save(self) -> None:
        self._keeper.record = with_stands(self._keeper.record, self._stands)
        self._written_at = self._clock.monotonic()
        await self._keeper.save()


def _rungs(stands: Mapping[str, Stand]) -> dict[str, Rung]:
    return {subject: stand.rung for subject, stand in stands.items()}
