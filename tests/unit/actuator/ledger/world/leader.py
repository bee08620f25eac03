"""A leader: a ledger behind caches that lag, and writes that take their time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from actuator.ledger.ledger import Ledger
from actuator.ledger.settings import LedgerSettings
from actuator.ledger.views import DomainView, FrequenciesView, Identity, LedgerView, NodeView
from actuator.ledger.writes import Outcome, Write

from .store import NodeFacts, Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = LedgerSettings(minimum_raise_watts=1, heartbeat_seconds=10.0)


@dataclass(eq=False)
class Flight:
    """A write under way: travelling, then landed with an outcome that its sender has yet to hear."""

    write: Write
    leader: Leader
    outcome: Outcome | None = None
    abandoned: bool = False


class Leader:
    """Caches are filled event by event; ``act`` decides on what they show."""

    def __init__(self, store: Store, epoch: int, nameplate: int, ledger: Ledger) -> None:
        self.store = store
        self.epoch = epoch
        self.nameplate = nameplate
        self.ledger = ledger
        self.frequencies: dict[str, FrequenciesView] = dict(store.frequencies)
        self.domains: dict[str, DomainView] = dict(store.domains)
        self.nodes: dict[str, NodeFacts] = dict(store.nodes)
        self.at = [len(store.frequencies_history), len(store.domains_history), len(store.nodes_history)]

    def advance(self, kind: int, events: int) -> None:
        """Lets one cache (0 frequencies, 1 domains, 2 nodes) pass so many events."""
        history = (self.store.frequencies_history, self.store.domains_history, self.store.nodes_history)[kind]
        cache: dict = (self.frequencies, self.domains, self.nodes)[kind]
        end = min(self.at[kind] + events, len(history))
        for name, state in history[self.at[kind] : end]:
            if state is None:
                cache.pop(name, None)
            else:
                cache[name] = state
        self.at[kind] = end

    def catch_up(self) -> None:
        for kind in range(3):
            self.advance(kind, 10**9)

    def view(self) -> LedgerView:
        names = sorted({*self.nodes, *self.frequencies})
        return LedgerView({name: self._node(name) for name in names}, self.domains, self.epoch)

    def act(self, targets: dict[str, int], seconds: float) -> list[Flight]:
        """Decides, and returns the writes that go out."""
        view = self.view()
        self.ledger.record_observed(view)
        now = datetime.fromtimestamp(NOW.timestamp() + seconds, UTC)
        writes = self.ledger.decide(view, targets, now)
        for write in writes:
            self.ledger.record_sent(write)
        return [Flight(write, self) for write in writes]

    def _node(self, name: str) -> NodeView:
        facts = self.nodes.get(name)
        frequencies = self.frequencies.get(name)
        kept, floor = self.store.safeguards, self.store.sequence_floor
        if not kept.former_domain and frequencies is not None:
            frequencies = replace(frequencies, former_domain="")
        if not kept.place_noted and frequencies is not None:
            frequencies = replace(frequencies, place="")
        if facts is None:
            return NodeView(name, None, self.nameplate, frequencies=frequencies, sequence_floor=floor)
        identity = Identity(facts.uid, facts.boot_id)
        if not kept.boot_identity and frequencies is not None and frequencies.status:
            identity = Identity(frequencies.status.node_uid, frequencies.status.boot_id)
        return NodeView(name, identity, self.nameplate, facts.domain, (), frequencies, sequence_floor=floor)
