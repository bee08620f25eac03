"""One node's agent and its hardware. What to obey is decided by the agent's own code."""

from __future__ import annotations

from msgspec.structs import replace

from actuator.ledger.views import DomainView, FrequenciesView
from common.api.domain import DomainSpec, DomainStatus, DomainUpdatePolicy, PowerDomain
from common.api.frequencies import BudgetStatus, FrequenciesSpec, NodeFrequencies, PowerBudget
from common.api.meta import ObjectMeta
from common.api.policy import MODE_AUTO, MODE_OFF
from common.domains.budget import node_budget_watts
from nodeagent.obedience.intake import take_in
from nodeagent.obedience.memory import Memory

from .store import Store, confirmed_sequence


class Agent:
    """Steps: watch one more event, write the devices, confirm, crash, reboot."""

    def __init__(self, name: str, store: Store, nameplate: int, minimum: int) -> None:
        self.name = name
        self.store = store
        self.nameplate = nameplate
        self.minimum = minimum
        self.hardware_watts = nameplate
        self.hardware_free = True
        self.memory: Memory | None = None
        self.position = 0
        self.domains: dict[str, DomainView] = {}
        self.domains_position = 0
        self.obeyed_position = 0
        self.applied: tuple[str, int] | None = None
        self.alive = True
        self.booted_at_nameplate = True

    def watch(self) -> None:
        """Takes in the next event of its watch."""
        if not self.alive or self.position >= len(self.store.frequencies_history):
            return
        name, state = self.store.frequencies_history[self.position]
        self.position += 1
        if name == self.name:
            self._see(state, consistent=False)

    def watch_domains(self, events: int) -> None:
        """Takes in the next events of its watch of the domains."""
        if self.alive:
            start, end = self.domains_position, self.domains_position + events
            ahead = self.store.domains_history[start:end]
            self.domains |= dict(ahead)
            self.domains_position += len(ahead)

    def list_domains(self) -> None:
        """A consistent read of the domains."""
        self.domains, self.domains_position = dict(self.store.domains), len(self.store.domains_history)

    def list_now(self) -> None:
        """A consistent read of its own object."""
        self.position = len(self.store.frequencies_history)
        self._see(self.store.frequencies.get(self.name), consistent=True)

    def apply(self) -> None:
        """Writes the devices, and reads them back."""
        if self.alive and self.memory is not None:
            self.hardware_watts = self.scaled_watts(self.memory)
            self.applied = (self.memory.uid, self.memory.sequence)
            self.obeyed_position = self.domains_position

    def confirm(self) -> None:
        """Writes the status: what the devices obey (or, without confirm-last, what they are going to)."""
        if not self.alive or self.memory is None:
            return
        current = (self.memory.uid, self.memory.sequence)
        if self.store.safeguards.confirm_last and self.applied != current:
            return
        facts = self.store.nodes.get(self.name)
        if facts is None:
            return
        present = self.store.frequencies.get(self.name)
        enforced = self.hardware_watts if self.applied == current else self.budget_watts(self.memory)
        status = BudgetStatus(
            uid=self.memory.uid,
            sequence=max(self.memory.sequence, confirmed_sequence(present)),
            node_uid=facts.uid,
            boot_id=facts.boot_id,
            enforced_budget_watts=enforced,
            nameplate_watts=self.nameplate,
            minimum_budget_watts=self.minimum,
        )
        if present is not None and present.status != status:
            self.store.confirm(self.name, status)

    def crash(self, lag: int = 0) -> None:
        """Dies and starts again; the devices stay as they are, and so does what is on disk.

        Without a memory it starts from nothing, on a read that lags.
        """
        self.applied = None
        if self.store.safeguards.agent_memory:
            self.list_now()
            return
        self.memory = None
        self.position = max(len(self.store.frequencies_history) - lag, 0)
        latest = [s for n, s in self.store.frequencies_history[: self.position] if n == self.name]
        self._see(latest[-1] if latest else None, consistent=True)

    def reinstall(self) -> None:
        """Its disk is emptied; the devices stay as they are. It starts with a consistent read."""
        self.memory, self.applied = None, None
        self.list_now()

    def reboot(self) -> None:
        """The limits of the devices vanish; the agent starts with the machine."""
        self.hardware_watts = self.nameplate
        self.applied = None
        self.list_now()

    def budget_watts(self, memory: Memory) -> int:
        if memory.budget.release:
            return self.nameplate
        return memory.allowed_watts

    def scaled_watts(self, memory: Memory) -> int:
        """Returns what it may draw under the domains as it knows them (rule 7)."""
        watts, name = self.budget_watts(memory), memory.budget.domain
        if memory.budget.release or name not in self.domains:
            return watts
        chain = [_as_domain(self.domains[level]) for level in self.domains[name].chain]
        return min(watts, node_budget_watts(memory.budget, chain))

    def reachable_watts(self) -> int:
        """Returns the most that it may come to draw without any further write to the store."""
        memory, kept = self.memory, self.store.safeguards.limits_carried
        held = memory is not None and not memory.released and kept
        most = self.budget_watts(memory) if memory is not None else 0
        for budget in self._ahead():
            introduces = budget.grant_watts <= budget.base_watts and not budget.release
            watts = self.nameplate if budget.release else budget.grant_watts
            most = max(most, 0 if introduces and held else watts)
        return max(self.hardware_watts, most)

    def places(self) -> set[str]:
        """Returns the domains of every budget that it obeys, or may yet obey without any further write."""
        held = [self.memory.budget] if self.memory is not None else []
        return {budget.domain for budget in (*held, *self._ahead()) if not budget.release}

    def obeyable(self) -> list[PowerBudget]:
        """Returns every budget that it obeys, or may yet obey without any further write."""
        held = [self.memory.budget] if self.memory is not None and self.memory.trusted else []
        return [*held, *self._ahead()]

    def _ahead(self) -> list[PowerBudget]:
        """Returns the budgets that its watch has yet to show it."""
        found = []
        for name, state in self.store.frequencies_history[self.position :]:
            if name == self.name and state is not None and state.budget is not None:
                known = self.memory is not None and self.memory.uid == state.uid
                if not (known and self.memory and self.memory.sequence >= state.budget.sequence):
                    found.append(state.budget)
        return found

    def _see(self, state: FrequenciesView | None, *, consistent: bool) -> None:
        seen = _as_object(self.name, state)
        intake = take_in(self.memory, seen, consistent=consistent)
        if intake.read_again and not consistent:
            self.list_now()
            return
        self.memory = intake.memory
        if self.memory is not None and not self.store.safeguards.limits_carried:
            self.memory = replace(self.memory, carried_watts=None)


def _as_object(name: str, state: FrequenciesView | None) -> NodeFrequencies | None:
    if state is None:
        return None
    spec = FrequenciesSpec(node_name=name, power_budget=state.budget)
    return NodeFrequencies(metadata=ObjectMeta(name=name, uid=state.uid), spec=spec)


def _as_domain(view: DomainView) -> PowerDomain:
    mode = DomainUpdatePolicy(update_mode=MODE_AUTO if view.enforced else MODE_OFF)
    spec = DomainSpec(cap_watts=view.cap_watts, update_policy=mode)
    return PowerDomain(
        metadata=ObjectMeta(name=view.name), spec=spec, status=DomainStatus(enforcement=view.published)
    )
