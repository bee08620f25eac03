"""The API server of the world: objects with versions, preconditions, and one history per kind to watch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from actuator.ledger.views import DomainView, FrequenciesView
from actuator.ledger.writes import (
    CreateFrequencies,
    FinishRelease,
    Outcome,
    Write,
    WriteBudget,
    WriteEnforcement,
)
from common.api.frequencies import BudgetStatus
from common.api.names import PROTOCOL_VERSION

from .safeguards import Safeguards


@dataclass(frozen=True)
class NodeFacts:
    """A Node object: uid, boot, and the domain that its labels put it into."""

    uid: str
    boot_id: str
    domain: str


@dataclass(frozen=True)
class Snapshot:
    """All objects of ours, as they were once."""

    frequencies: dict[str, FrequenciesView]
    domains: dict[str, DomainView]


@dataclass
class Store:
    """Histories are lists of (name, state after the change); a watcher is a position in one."""

    safeguards: Safeguards
    frequencies: dict[str, FrequenciesView] = field(default_factory=dict)
    domains: dict[str, DomainView] = field(default_factory=dict)
    nodes: dict[str, NodeFacts] = field(default_factory=dict)
    frequencies_history: list[tuple[str, FrequenciesView | None]] = field(default_factory=list)
    domains_history: list[tuple[str, DomainView]] = field(default_factory=list)
    nodes_history: list[tuple[str, NodeFacts | None]] = field(default_factory=list)
    version: int = 0
    uids: int = 0
    sequence_floor: int = 0

    def next_version(self) -> int:
        self.version += 1
        return self.version

    def put_domain(self, domain: DomainView) -> None:
        stored = replace(domain, version=self.next_version())
        self.domains[domain.name] = stored
        self.domains_history.append((domain.name, stored))

    def put_node(self, name: str, facts: NodeFacts | None) -> None:
        if facts is None:
            self.nodes.pop(name, None)
        else:
            self.nodes[name] = facts
        self.nodes_history.append((name, facts))

    def put_frequencies(self, name: str, state: FrequenciesView | None) -> None:
        if state is None:
            self.frequencies.pop(name, None)
        else:
            state = replace(state, version=self.next_version())
            self.frequencies[name] = state
        self.frequencies_history.append((name, state))

    def restore(self, past: Snapshot) -> None:
        """Sets everything but the Nodes back; versions go on upwards, as etcd's restore can be told to."""
        for name in {*self.frequencies, *past.frequencies}:
            self.put_frequencies(name, past.frequencies.get(name))
        for domain in past.domains.values():
            self.put_domain(domain)

    def confirm(self, name: str, status: BudgetStatus) -> None:
        """An agent's status write, on condition of the object's uid; the schema refuses a lower sequence."""
        state = self.frequencies.get(name)
        if state is not None and state.uid == status.uid and confirmed_sequence(state) <= status.sequence:
            self.put_frequencies(name, replace(state, status=status, protocol_version=PROTOCOL_VERSION))

    def write(self, write: Write) -> Outcome:
        if isinstance(write, WriteEnforcement):
            return self._write_enforcement(write)
        if isinstance(write, FinishRelease):
            return self._finish(write)
        if isinstance(write, CreateFrequencies):
            return self._create(write)
        return self._write_budget(write)

    def _create(self, write: CreateFrequencies) -> Outcome:
        if write.node not in self.frequencies:
            self.uids += 1
            self.put_frequencies(write.node, FrequenciesView(f"nf-{self.uids}", 0))
        return Outcome.SETTLED

    def _matches(self, uid: str, version: int, write: WriteBudget | WriteEnforcement | FinishRelease) -> bool:
        return uid == write.uid and (version == write.version or not self.safeguards.version_precondition)

    def _write_budget(self, write: WriteBudget) -> Outcome:
        present = self.frequencies.get(write.node)
        if present is None or not self._matches(present.uid, present.version, write):
            return Outcome.SETTLED
        before = present.budget
        if self.safeguards.lower_epoch_refused and before and before.leader_epoch > write.budget.leader_epoch:
            return Outcome.REFUSED
        self.put_frequencies(
            write.node,
            replace(present, budget=write.budget, former_domain=write.former_domain, place=write.place),
        )
        return Outcome.SETTLED

    def _write_enforcement(self, write: WriteEnforcement) -> Outcome:
        present = self.domains[write.domain]
        if not self._matches(present.uid, present.version, write):
            return Outcome.SETTLED
        before = present.published
        checks = self.safeguards.lower_epoch_refused and before is not None
        if checks and before and before.leader_epoch > write.enforcement.leader_epoch:
            return Outcome.REFUSED
        self.put_domain(replace(present, published=write.enforcement))
        return Outcome.SETTLED

    def _finish(self, write: FinishRelease) -> Outcome:
        present = self.frequencies.get(write.node)
        if present is not None and self._matches(present.uid, present.version, write):
            self.put_frequencies(write.node, None)
        return Outcome.SETTLED


def confirmed_sequence(state: FrequenciesView | None) -> int:
    """Returns the sequence that a status bears under the uid of its object; 0 where it bears none."""
    status = state.status if state is not None else None
    return status.sequence if state is not None and status is not None and status.uid == state.uid else 0
