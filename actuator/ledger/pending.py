"""Rule 4: writes count from the moment they are sent until they can no longer land.

Every write carries the version that it builds upon, and lands only on that one. So as soon as the cache shows
a later version, the write either is in what the cache shows, or never will be.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from actuator.ledger.views import LedgerView
from actuator.ledger.writes import FinishRelease, Outcome, WriteBudget, WriteEnforcement

W = TypeVar("W", WriteBudget, WriteEnforcement, FinishRelease)


class InFlight(Generic[W]):
    """The writes to objects of one kind that may be in the store without being in the cache."""

    def __init__(self) -> None:
        self._unanswered: dict[str, list[W]] = {}
        self._settling: dict[str, list[W]] = {}
        self._unknown: dict[str, list[W]] = {}

    def sent(self, name: str, write: W) -> None:
        """Notes a write that is about to go out."""
        self._unanswered.setdefault(name, []).append(write)

    def answered(self, name: str, write: W, outcome: Outcome) -> None:
        """Notes how a write ended; one that may have landed counts until the cache has passed it."""
        _discard(self._unanswered, name, write)
        if outcome is Outcome.SETTLED:
            self._settling.setdefault(name, []).append(write)
        elif outcome is Outcome.UNKNOWN:
            self._unknown.setdefault(name, []).append(write)

    def observed(self, name: str, uid: str, version: int) -> None:
        """Drops what can no longer land, now that the cache shows a version of the object."""
        for writes in (self._settling, self._unknown):
            for write in list(writes.get(name, ())):
                if write.uid != uid or write.version < version:
                    _discard(writes, name, write)

    def gone(self, name: str) -> None:
        """Drops what can no longer land, now that the object, or the version it was made for, is no more."""
        self._settling.pop(name, None)
        self._unknown.pop(name, None)

    def of(self, name: str) -> list[W]:
        """Returns every write to an object that may be in the store without being in the cache."""
        found: list[W] = []
        for writes in (self._unanswered, self._settling, self._unknown):
            found += writes.get(name, ())
        return found

    def is_busy(self, name: str) -> bool:
        """Whether a new write must wait: one is out, or the cache has yet to pass one."""
        return name in self._unanswered or name in self._settling

    def names(self) -> set[str]:
        """Returns the names of all objects with such writes."""
        return {*self._unanswered, *self._settling, *self._unknown}


def prune_nodes(writes: InFlight[WriteBudget] | InFlight[FinishRelease], view: LedgerView) -> None:
    """Drops every write to a node's object that what the cache shows has overtaken."""
    for name in writes.names():
        node = view.nodes.get(name)
        if node is None or node.frequencies is None:
            writes.gone(name)
        else:
            writes.observed(name, node.frequencies.uid, node.frequencies.version)


def prune_domains(caps: InFlight[WriteEnforcement], view: LedgerView) -> None:
    """Drops every write to a domain that what the cache shows has overtaken."""
    for name in caps.names():
        domain = view.domains.get(name)
        if domain is None:
            caps.gone(name)
        elif any(write.version > domain.version for write in caps.of(name)):
            # Etcd was restored. No write may be waited for that builds upon what the store has forgotten:
            # often nobody but the actuator writes a domain, and its heartbeats would never go on.
            caps.gone(name)
        else:
            caps.observed(name, domain.uid, domain.version)


def highest_reserve(writes: Iterable[WriteBudget]) -> int:
    """Returns the most that any of the writes would book; 0 without any."""
    return max((write.budget.reserved_watts for write in writes), default=0)


def _discard(writes: dict[str, list[W]], name: str, write: W) -> None:
    remaining = [other for other in writes.get(name, ()) if other is not write]
    if remaining:
        writes[name] = remaining
    else:
        writes.pop(name, None)
