"""The sums: what every domain's nodes are booked at, and where each node counts (rules 2 and 9)."""

from __future__ import annotations

from collections.abc import Iterable

from actuator.ledger.pending import InFlight, highest_reserve
from actuator.ledger.reserve import base_watts, is_confirmed, is_released, reserve_watts
from actuator.ledger.views import DomainView, LedgerView, NodeView
from actuator.ledger.writes import WriteBudget


class Books:
    """Reserves and bases by node, and their sums by domain, with everything in flight counted.

    Attributes:
        reserve: Watts booked, by node.
        base: Watts that remain at the deepest cut, by node.
        levels: The domains that count a node and hold a cap, by node.
        reserved_total: Sum of the reserves, by domain.
        base_total: Sum of the bases, by domain.
        obeying_total: Sum of the bases of admitted nodes alone, by domain; see ``note_admitted``.
        unsettled: Domains with a node that has not confirmed what its object says.
        unstamped: Domains where a node's object, or the domain itself, does not bear this leader's epoch yet.
    """

    def __init__(self, view: LedgerView, in_flight: InFlight[WriteBudget]) -> None:
        self.reserve: dict[str, int] = {}
        self.base: dict[str, int] = {}
        self.levels: dict[str, tuple[str, ...]] = {}
        self.reserved_total = dict.fromkeys(view.domains, 0)
        self.base_total = dict.fromkeys(view.domains, 0)
        self.obeying_total = dict.fromkeys(view.domains, 0)
        self.unsettled: set[str] = set()
        self.unstamped = {
            domain.name for domain in view.domains.values() if not _bears_epoch(domain, view.epoch)
        }
        for node in view.nodes.values():
            self._enter(view, node, in_flight.of(node.name))

    def add_reserve(self, node: str, watts: int) -> None:
        """Books more on a node."""
        self.reserve[node] += watts
        for level in self.levels[node]:
            self.reserved_total[level] += watts

    def add_base(self, node: str, watts: int) -> None:
        """Raises an admitted node's base in the sums."""
        self.base[node] += watts
        for level in self.levels[node]:
            self.base_total[level] += watts
            self.obeying_total[level] += watts

    def note_admitted(self, nodes: Iterable[str]) -> None:
        """Sums up the bases of the nodes that are admitted."""
        for node in nodes:
            for level in self.levels[node]:
                self.obeying_total[level] += self.base[node]

    def _enter(self, view: LedgerView, node: NodeView, writes: list[WriteBudget]) -> None:
        name = node.name
        self.reserve[name] = max(reserve_watts(node), highest_reserve(writes))
        self.base[name] = max([base_watts(node), *(write.budget.base_watts for write in writes)])
        self.levels[name] = _levels(view, counted_in(node, writes))
        for level in self.levels[name]:
            self.reserved_total[level] += self.reserve[name]
            self.base_total[level] += self.base[name]
        budget = node.frequencies.budget if node.frequencies else None
        if writes or (budget is not None and not is_confirmed(node)):
            self.unsettled.update(self.levels[name])
        if budget is not None and budget.leader_epoch != view.epoch:
            self.unstamped.update(self.levels[name])


def counted_in(node: NodeView, writes: Iterable[WriteBudget] = ()) -> set[str]:
    """Returns the deepest domains that count a node.

    Where it is by its labels; where its budget says, until a release is confirmed; where it was before that,
    until the new domain is confirmed; wherever a write in flight would put it; and, where its Node object is
    gone and its labels with it, where those last put it.
    """
    places = {node.domain, *node.claims}
    frequencies = node.frequencies
    if frequencies is not None and frequencies.budget is not None and not is_released(node):
        places.add(frequencies.budget.domain)
        if not is_confirmed(node):
            places.add(frequencies.former_domain)
        if node.identity is None:
            places.add(frequencies.place)
    for write in writes:
        places |= {write.budget.domain, write.former_domain}
    places.discard("")
    return places


def _bears_epoch(domain: DomainView, epoch: int) -> bool:
    return domain.published is not None and domain.published.leader_epoch == epoch


def _levels(view: LedgerView, places: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({level.name for place in places for level in view.levels(place)}))


def raise_limit(domain: DomainView, granted: Iterable[int]) -> int:
    """Returns what the reserves of a domain may sum up to: its cap, and no more than every G that may stand.

    Args:
        domain: The domain.
        granted: G of every write to the domain that is in flight.
    """
    published = domain.published.granted_cap_watts if domain.published else 0
    return min(domain.cap_watts, published, *granted)
