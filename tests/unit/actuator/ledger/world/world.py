"""The world: everything together, stepped at random, with the books checked after every step."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from dataclasses import replace

from actuator.ledger.ledger import Ledger
from actuator.ledger.views import DomainView
from actuator.ledger.writes import Outcome

from .agent import Agent
from .books import Books
from .leader import SETTINGS, Flight, Leader
from .rooms import CAPS, CHAINS, MINIMUM, NAMEPLATE, PLACES
from .safeguards import INTACT, Safeguards
from .store import NodeFacts, Snapshot, Store
from .weather import FAIR


class World:
    """Three nodes in two rows of a room, agents, and up to two leaders who both act."""

    def __init__(
        self, seed: int, safeguards: Safeguards = INTACT, ledger_type: type[Ledger] = Ledger
    ) -> None:
        self.random = random.Random(seed)
        self.safeguards = safeguards
        self.ledger_type = ledger_type
        self.store = Store(safeguards)
        self.seconds = 0.0
        self.epoch = 0
        self.flights: list[Flight] = []
        self.leaders: list[Leader] = []
        self.books = Books(self)
        for name, chain in CHAINS.items():
            domain = DomainView(name, f"pd-{name}", 0, chain, enforced=True, minimum_watts=CAPS[name][0])
            self.store.put_domain(replace(domain, cap_watts=CAPS[name][-1], shares_minimum=name == "row-a"))
        self.agents = {name: Agent(name, self.store, NAMEPLATE, MINIMUM) for name in PLACES}
        for number, (name, place) in enumerate(PLACES.items()):
            self.store.put_node(name, NodeFacts(f"node-{number}", "boot-0", place))
        self.targets = dict.fromkeys(PLACES, 500)
        self.physical = dict(PLACES)
        self.snapshot: Snapshot | None = None
        self.take_over()
        for name in CHAINS:
            self.books.open(name)

    # What happens inside: none of it may lift a sum above the ceiling.

    def take_over(self) -> None:
        self.epoch += 1
        self.leaders = [
            *self.leaders[-1:],
            Leader(self.store, self.epoch, NAMEPLATE, self.ledger_type(SETTINGS)),
        ]

    def act(self) -> None:
        leader = self.random.choice(self.leaders)
        self.seconds += self.random.choice((0.1, 1.0))
        self.flights += leader.act(self.targets, self.seconds)

    def advance_cache(self) -> None:
        leader = self.random.choice(self.leaders)
        leader.advance(self.random.randrange(3), self.random.choice((1, 1, 2, 5)))

    def land(self) -> None:
        """A write reaches the store; its sender may have given it up long ago."""
        travelling = [flight for flight in self.flights if flight.outcome is None]
        if travelling:
            flight = self.random.choice(travelling)
            flight.outcome = self.store.write(flight.write)
            if flight.abandoned:
                self.flights.remove(flight)

    def answer(self) -> None:
        landed = [flight for flight in self.flights if flight.outcome is not None]
        if landed:
            flight = self.random.choice(landed)
            lost = self.random.random() < 0.2
            assert flight.outcome is not None
            flight.leader.ledger.record_answered(flight.write, Outcome.UNKNOWN if lost else flight.outcome)
            self.flights.remove(flight)

    def give_up(self) -> None:
        """The sender's deadline passes; the write may be lost, or land much later."""
        travelling = [flight for flight in self.flights if flight.outcome is None and not flight.abandoned]
        if travelling:
            flight = self.random.choice(travelling)
            flight.abandoned = True
            flight.leader.ledger.record_answered(flight.write, Outcome.UNKNOWN)
            if self.random.random() < 0.5:
                self.flights.remove(flight)

    def agent_step(self) -> None:
        agent = self.agents[self.random.choice(list(self.agents))]
        step = self.random.choice((agent.watch, agent.watch, agent.watch_domains, agent.apply, agent.confirm))
        step(self.random.choice((1, 2, 8))) if step == agent.watch_domains else step()

    def crash(self) -> None:
        agent = self.agents[self.random.choice(list(self.agents))]
        if agent.alive:
            agent.crash(lag=self.random.randrange(8))

    def start_agents(self) -> None:
        for agent in self.agents.values():
            if not agent.alive:
                agent.alive = True
                agent.list_now()

    def new_targets(self) -> None:
        self.targets = {name: self.random.choice((100, 300, 500, 700, 900)) for name in PLACES}

    def delete_object(self) -> None:
        """A person deletes a NodeFrequencies: its finalizer holds it until the node was released."""
        name = self.random.choice([*PLACES])
        state = self.store.frequencies.get(name)
        if state is not None and not state.deleting:
            self.store.put_frequencies(name, replace(state, deleting=True))

    def force_delete(self) -> None:
        """A person takes a NodeFrequencies away, finalizer and all.

        Only where the node's labels still say what the object said: the rest is lost with it.
        """
        known = [
            name
            for name, facts in self.store.nodes.items()
            if name in self.store.frequencies and self._places_held(name) <= {facts.domain}
        ]
        if known:
            self.store.put_frequencies(self.random.choice(known), None)

    def reinstall(self) -> None:
        agent = self.agents[self.random.choice(list(self.agents))]
        if agent.alive:
            agent.reinstall()

    def take_snapshot(self) -> None:
        self.snapshot = Snapshot(dict(self.store.frequencies), dict(self.store.domains))

    def restore(self) -> None:
        """The store is set back while no leader runs; a person notes the moment; a new leader starts."""
        if self.snapshot is None:
            return
        self.store.restore(self.snapshot)
        if self.store.safeguards.restored_mark:
            self.store.sequence_floor = 10**6 * (self.store.sequence_floor // 10**6 + 1)
        budgets = [state.budget for state in self.store.frequencies.values() if state.budget]
        words = [domain.published for domain in self.store.domains.values() if domain.published]
        self.epoch = max((one.leader_epoch for one in (*budgets, *words)), default=0)
        self.flights, self.leaders = [], []
        self.take_over()
        self.books.restored = set(CHAINS)
        for level in CHAINS:
            self.books.open(level)

    # What happens from outside.

    def change_cap(self) -> None:
        name = self.random.choice(list(CHAINS))
        domain = self.store.domains[name]
        self.store.put_domain(replace(domain, cap_watts=self.random.choice(CAPS[name])))
        self.books.open(name)

    def change_mode(self) -> None:
        """A person turns a domain to Off, where its cap is not held, or back to Auto."""
        name = self.random.choice(list(CHAINS))
        domain = self.store.domains[name]
        self.store.put_domain(replace(domain, enforced=not domain.enforced))
        for level in CHAINS:
            self.books.open(level)

    def remove_node(self) -> None:
        """A Node object is deleted; the machine goes on. That frees nothing, and lifts nothing.

        Only where the machine's object says where it is: else nobody can know of it any more.
        """
        known = [
            name
            for name, facts in self.store.nodes.items()
            if self._places_held(name) == {facts.domain} or self._noted(name) == facts.domain
        ]
        if known:
            self.store.put_node(self.random.choice(known), None)

    def _noted(self, name: str) -> str:
        state = self.store.frequencies.get(name)
        return state.place if state is not None and state.budget is not None else ""

    def return_node(self) -> None:
        """A Node object is made anew, of the same machine or another, perhaps elsewhere."""
        missing = sorted(PLACES.keys() - self.store.nodes.keys())
        if not missing:
            return
        name, number = self.random.choice(missing), len(self.store.nodes_history)
        place = self.random.choice(("row-a", "row-b"))
        self.store.put_node(name, NodeFacts(f"node-{number}", f"boot-{number}", place))
        self.physical[name] = place
        for level in CHAINS:
            self.books.open(level)

    def reboot(self) -> None:
        if not self.store.nodes:
            return
        name = self.random.choice([*self.store.nodes])
        facts = self.store.nodes[name]
        replaced = self.random.random() < 0.3
        uid = facts.uid + "'" if replaced else facts.uid
        self.store.put_node(name, replace(facts, uid=uid, boot_id=f"boot-{len(self.store.nodes_history)}"))
        self.agents[name].reboot()
        self.agents[name].alive = self.random.random() < 0.5
        for domain in CHAINS:
            self.books.open(domain)

    def move(self) -> None:
        if not self.store.nodes:
            return
        name = self.random.choice([*self.store.nodes])
        self.physical[name] = self.random.choice(("row-a", "row-b"))
        self.store.put_node(name, replace(self.store.nodes[name], domain=self.physical[name]))
        for domain in CHAINS:
            self.books.open(domain)

    def _places_held(self, name: str) -> set[str]:
        agent = self.agents[name]
        return agent.places() if agent.memory is not None else set()

    # Walks

    def walk(self, steps: int, weather: Mapping[str, float] = FAIR, *, draw: bool = False) -> None:
        """Takes random steps, each kind as often as its weight says, and checks the books after each.

        With ``draw``, also what the nodes draw; that takes a world where nothing joins, moves or reboots.

        Raises:
            OverTheCap: If they do not hold.
        """
        kinds = [getattr(self, name) for name in weather]
        totals = list(itertools.accumulate(weather.values()))
        for _ in range(steps):
            self.random.choices(kinds, cum_weights=totals)[0]()
            self.books.check()
            if draw:
                self.books.check_draw()

    def settle(self, rounds: int = 60) -> None:
        """Everything works: one leader, no loss, no lag."""
        for flight in list(self.flights):
            if flight.outcome is None:
                flight.outcome = self.store.write(flight.write)
            if not flight.abandoned:
                flight.leader.ledger.record_answered(flight.write, flight.outcome)
        self.flights = []
        self.start_agents()
        self.leaders = self.leaders[-1:]
        leader = self.leaders[0]
        for _ in range(rounds):
            leader.catch_up()
            self.seconds += 1.0
            for flight in leader.act(self.targets, self.seconds):
                leader.ledger.record_answered(flight.write, self.store.write(flight.write))
            for agent in self.agents.values():
                agent.list_now()
                agent.list_domains()
                agent.apply()
                agent.confirm()

    def granted(self) -> dict[str, int]:
        budgets = {name: state.budget for name, state in self.store.frequencies.items()}
        return {name: budget.grant_watts for name, budget in budgets.items() if budget is not None}
