"""Everything that one decision looks at, gathered once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from actuator.ledger.bases import Bases
from actuator.ledger.books import Books, raise_limit
from actuator.ledger.pending import InFlight
from actuator.ledger.settings import LedgerSettings
from actuator.ledger.views import LedgerView
from actuator.ledger.writes import WriteBudget, WriteEnforcement

BOUNDLESS_WATTS = 2**40
"""More than any room: what a node outside every cap may rise by."""


@dataclass(frozen=True)
class Scene:
    """The world, the books over it, what is wanted, and what is still in flight.

    Attributes:
        view: What the caches show.
        settings: Of the ledger.
        books: Reserves, bases, and their sums.
        bases: Which nodes are admitted, and the base that each should have.
        leavers: The nodes to be let go for which there is, or can be made, room.
        wanted: Watts that each admitted node should be granted.
        budgets: Writes to nodes in flight.
        caps: Writes to domains in flight.
    """

    view: LedgerView
    settings: LedgerSettings
    books: Books
    bases: Bases
    leavers: frozenset[str]
    wanted: Mapping[str, int]
    budgets: InFlight[WriteBudget]
    caps: InFlight[WriteEnforcement]

    def room_watts(self, levels: Iterable[str]) -> int:
        """Returns how far reserves may rise at all of these levels; negative where they are over."""
        return min((self._room_at(level) for level in levels), default=BOUNDLESS_WATTS)

    def base_room_watts(self, levels: Iterable[str]) -> int:
        """Returns how far bases may rise, under every B that may stand and the lowest cap that may come."""
        return min((self._base_room_at(level) for level in levels), default=BOUNDLESS_WATTS)

    def is_covered(self, domain: str) -> bool:
        """Whether every word that may stand on a domain and those above covers what they are booked at.

        A node's first base, or its grant under another domain, would otherwise be scaled by figures that
        leave it out. As long as a predecessor's writes may land there, nobody knows those figures.
        """
        levels = [level.name for level in self.view.levels(domain)]
        return all(level not in self.books.unstamped and self._covers(level) for level in levels)

    def is_unstamped(self, node: str) -> bool:
        """Whether a predecessor's late write may still land in a domain that counts the node."""
        return any(level in self.books.unstamped for level in self.books.levels[node])

    def _covers(self, level: str) -> bool:
        published = self.view.domains[level].published
        words = [write.enforcement for write in self.caps.of(level)]
        return published is not None and all(
            word.granted_cap_watts >= self.books.reserved_total[level]
            and word.base_watts >= self.books.base_total[level]
            for word in (published, *words)
        )

    def _room_at(self, level: str) -> int:
        granted = [write.enforcement.granted_cap_watts for write in self.caps.of(level)]
        return raise_limit(self.view.domains[level], granted) - self.books.reserved_total[level]

    def _base_room_at(self, level: str) -> int:
        domain = self.view.domains[level]
        published = domain.published.base_watts if domain.published else 0
        announced = min([published, *(write.enforcement.base_watts for write in self.caps.of(level))])
        return min(
            announced - self.books.base_total[level], domain.minimum_watts - self.books.obeying_total[level]
        )
