"""The instance: its states, the steps from one to the next, and what must hold in each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from actuator.ledger.ledger import Ledger
from actuator.ledger.views import DomainView, FrequenciesView
from actuator.ledger.writes import Outcome, Write, WriteBudget, WriteEnforcement
from common.api.domain import Enforcement
from common.api.frequencies import BudgetStatus, PowerBudget

from . import agent, leader
from .interned import Interned

CAP = 1000
BOUNDLESS = 2**30
BASE = 200
TRAVELLING, LATE, LANDED, BEATEN = range(4)
"""Of a write: under way; given up by its sender, and still under way; in the store; refused by it."""


class Kept(Protocol):
    """The safeguards outside the ledger; False leaves one out."""

    version_precondition: bool
    lower_epoch_refused: bool
    confirm_last: bool
    agent_memory: bool


class State(NamedTuple):
    """Numbers of interned things. Queues are what a watcher has yet to see of an object."""

    objects: tuple[int, int, int]
    leaders: tuple[tuple[int, tuple[tuple[int, ...], ...]], ...]
    agents: tuple[tuple[int, tuple[int, ...]], ...]
    flights: tuple[tuple[int, int, int], ...]
    plan: int
    takeovers: int
    crashes: int
    astray: int
    cuts: int


Step = tuple[object, ...]
"""Name of a step, and what it is done to."""
CALM = ("answer", "see", "watch", "apply", "confirm", "land", "act")
"""The steps of a world without faults, the first that is possible first."""


@dataclass(frozen=True)
class Story:
    """Where a search starts, and what may happen in it.

    Attributes:
        grants: What both nodes were granted and have confirmed.
        plans: Watts wanted for both nodes, one plan after the other; the last one stays.
        takeovers: How often a new leader may come; the former one goes on acting.
        crashes: How many agents may die and start again.
        astray: How many writes may be given up or go unanswered. A bound makes the story finite.
        cut_to: Watts that the row's cap may be cut to, once; None for no cut.
    """

    grants: tuple[int, int]
    plans: tuple[tuple[int, int], ...]
    takeovers: int = 1
    crashes: int = 1
    astray: int = BOUNDLESS
    cut_to: int | None = None


class Instance:
    """Two nodes in a row with a cap of 1,000 W and bases of 200 W, a leader, and others that take over."""

    def __init__(self, story: Story, safeguards: Kept) -> None:
        self.story = story
        self.safeguards = safeguards
        self.objects: Interned[FrequenciesView | DomainView] = Interned()
        self.leaders: Interned[leader.LeaderState] = Interned()
        self.agents: Interned[agent.AgentState] = Interned()
        self.writes: Interned[Write] = Interned()
        self._domains = agent.domains(2 * BASE, CAP)
        self._done: dict[tuple[object, ...], object] = {}

    def first(self) -> State:
        """Returns the state in which everything is settled under the first leader."""
        story = self.story
        views = [self._settled(index) for index in range(2)]
        word = Enforcement(
            leader_epoch=1,
            heartbeat_time="2026-01-01T00:00:00Z",
            effective_cap_watts=CAP,
            granted_cap_watts=CAP,
            base_watts=2 * BASE,
            reserved_watts=sum(story.grants),
        )
        row = DomainView(
            name="row",
            uid="pd",
            version=1,
            chain=("row",),
            enforced=True,
            cap_watts=CAP,
            minimum_watts=2 * BASE,
            shares_minimum=True,
            published=word,
        )
        numbers = tuple(self.objects.number(view) for view in (*views, row))
        agents = tuple(self._agent(index, view) for index, view in enumerate(views))
        faults = (story.takeovers, story.crashes, story.astray, int(story.cut_to is not None))
        return State(numbers, (self._leader(1, numbers),), agents, (), 0, *faults)  # type: ignore[arg-type]

    def steps(self, state: State) -> Iterator[tuple[Step, State]]:
        """Yields every step that can be taken, with the state that it leads to."""
        if state.takeovers:
            newcomer = self._leader(len(state.leaders) + 1, state.objects)
            after = state._replace(leaders=(*state.leaders, newcomer), takeovers=state.takeovers - 1)
            yield ("take over",), after
        if state.plan + 1 < len(self.story.plans):
            yield ("new plan",), state._replace(plan=state.plan + 1)
        if state.cuts:
            row = self.objects[state.objects[2]]
            assert isinstance(row, DomainView)
            cut = replace(row, cap_watts=self.story.cut_to, version=row.version + 1)
            yield ("cut",), _stored(state, 2, self.objects.number(cut))._replace(cuts=state.cuts - 1)
        for index in range(len(state.leaders)):
            yield from self._leader_steps(state, index)
        for flight in state.flights:
            yield from self._flight_steps(state, flight)
        for index in range(2):
            yield from self._agent_steps(state, index)

    def follow(self, state: State, way: Iterable[Step]) -> State:
        """Returns the state at the end of a way that is given by names of steps, each the first that fits.

        Raises:
            StopIteration: Where no step fits.
        """
        for name in way:
            state = next(after for step, after in self.steps(state) if step[: len(name)] == name)
        return state

    def settle(self, state: State, *, held: int | None = None) -> State:
        """Returns the state after everything has gone its way, but for what was given up.

        Args:
            state: Where to start.
            held: An object that no write reaches meanwhile.
        """
        while True:
            steps = list(self.steps(state))
            for name in CALM:
                found = [after for step, after in steps if step[0] == name and not _reaches(step, held)]
                if found:
                    state = found[0]
                    break
            else:
                return state

    def over(self, state: State) -> str:
        """Returns what is wrong with a state, or nothing: what the nodes may come to draw without a write."""
        watts = self._drawable(state)
        return f"{watts} W may be drawn under a cap of {CAP} W" if watts > CAP else ""

    def over_at_the_end(self, state: State) -> str:
        """Returns what is wrong with a state that nothing follows: by then a cut is obeyed."""
        row, watts = self.objects[state.objects[2]], self._drawable(state)
        assert isinstance(row, DomainView)
        return f"{watts} W stay under a cap of {row.cap_watts} W" if watts > row.cap_watts else ""

    def _drawable(self, state: State) -> int:
        watts = 0
        for number, queue in state.agents:
            ahead = [b.grant_watts for seen in queue if (b := self.objects[seen].budget)]  # type: ignore[union-attr]
            watts += max([agent.within_reach(self.agents[number]), *ahead])
        return watts

    # Leaders

    def _leader_steps(self, state: State, index: int) -> Iterator[tuple[Step, State]]:
        number, queues = state.leaders[index]
        after, writes = self._act(number, state.plan)
        if writes:
            flights = tuple(sorted((*state.flights, *((write, index, TRAVELLING) for write in writes))))
            yield ("act", index), _with_leader(state, index, (after, queues))._replace(flights=flights)
        for place, queue in enumerate(queues):
            if queue:
                seen = self._once("see", number, place, queue[0])
                rest = (*queues[:place], queue[1:], *queues[place + 1 :])
                yield ("see", index, place), _with_leader(state, index, (seen, rest))

    def _act(self, number: int, plan: int) -> tuple[int, tuple[int, ...]]:
        key = ("act", number, plan)
        if key not in self._done:
            targets = dict(zip(leader.NODES, self.story.plans[plan], strict=True))
            after, writes = leader.act(self.leaders[number], targets)
            numbers = [self.writes.number(write) for write in writes]
            after = leader.sent(after, [self.writes[one] for one in numbers])
            self._done[key] = (self.leaders.number(after, after.key), tuple(numbers))
        return self._done[key]  # type: ignore[return-value]

    def _once(self, name: str, number: int, *rest: int | Outcome) -> int:
        """Returns the number of a leader after something, worked out once."""
        key = (name, number, *rest)
        if key not in self._done:
            before = self.leaders[number]
            if name == "see":
                after = leader.see(before, rest[0], self.objects[rest[1]])  # type: ignore[arg-type, index]
            else:
                after = leader.answered(before, self.writes[rest[0]], rest[1])  # type: ignore[arg-type, index]
            self._done[key] = self.leaders.number(after, after.key)
        return self._done[key]  # type: ignore[return-value]

    def _leader(self, epoch: int, objects: tuple[int, ...]) -> tuple[int, tuple[tuple[int, ...], ...]]:
        copies = tuple(self.objects[number] for number in objects)
        state = leader.LeaderState(epoch, copies, Ledger(leader.SETTINGS))  # type: ignore[arg-type]
        return self.leaders.number(state, state.key), ((), (), ())

    # Writes

    def _flight_steps(self, state: State, flight: tuple[int, int, int]) -> Iterator[tuple[Step, State]]:
        write, sender, phase = flight
        place = self._place(write)
        if phase in (TRAVELLING, LATE):
            landed, outcome = self._land(state, write)
            phase_after = LANDED if outcome is not Outcome.REFUSED else BEATEN
            after = None if phase == LATE else (write, sender, phase_after)
            name = "land" if phase == TRAVELLING else "land late"
            yield (name, sender, place, write), _with_flight(landed, flight, after)
        if phase == TRAVELLING and state.astray:
            unheard = self._answer(state, flight, Outcome.UNKNOWN)
            given_up = _with_flight(unheard, flight, (write, sender, LATE))
            yield ("give up", sender, place, write), _one_less(given_up)
        if phase in (LANDED, BEATEN):
            outcome = Outcome.SETTLED if phase == LANDED else Outcome.REFUSED
            yield (
                ("answer", sender, place, write),
                _with_flight(self._answer(state, flight, outcome), flight, None),
            )
        if phase in (LANDED, BEATEN) and state.astray:
            lost = _with_flight(self._answer(state, flight, Outcome.UNKNOWN), flight, None)
            yield ("lose the answer", sender, place, write), _one_less(lost)

    def _answer(self, state: State, flight: tuple[int, int, int], outcome: Outcome) -> State:
        write, sender, _ = flight
        number, queues = state.leaders[sender]
        return _with_leader(state, sender, (self._once("answered", number, write, outcome), queues))

    def _land(self, state: State, number: int) -> tuple[State, Outcome]:
        write, place = self.writes[number], self._place(number)
        key = ("land", number, state.objects[place])
        if key not in self._done:
            self._done[key] = self._landed(write, self.objects[state.objects[place]])
        after, outcome = self._done[key]  # type: ignore[misc]
        return (state if after is None else _stored(state, place, after)), outcome

    def _place(self, number: int) -> int:
        """Returns which object a write is for: 0 and 1 the nodes', 2 the domain."""
        write = self.writes[number]
        return 2 if isinstance(write, WriteEnforcement) else leader.NODES.index(write.node)

    def _landed(self, write: Write, present: FrequenciesView | DomainView) -> tuple[int | None, Outcome]:
        assert isinstance(write, WriteBudget | WriteEnforcement)
        if write.version != present.version and self.safeguards.version_precondition:
            return None, Outcome.SETTLED
        change: dict[str, object] = {"version": present.version + 1}
        if isinstance(write, WriteBudget):
            assert isinstance(present, FrequenciesView)
            before, after = present.budget, write.budget
            change |= {"budget": write.budget, "former_domain": write.former_domain}
        else:
            assert isinstance(present, DomainView)
            before, after = present.published, write.enforcement  # type: ignore[assignment]
            change["published"] = write.enforcement
        refused = before is not None and before.leader_epoch > after.leader_epoch
        if refused and self.safeguards.lower_epoch_refused:
            return None, Outcome.REFUSED
        return self.objects.number(replace(present, **change)), Outcome.SETTLED  # type: ignore[arg-type]

    # Agents

    def _agent_steps(self, state: State, index: int) -> Iterator[tuple[Step, State]]:
        number, queue = state.agents[index]
        present = state.objects[index]
        if queue:
            after = self._agent_after("watch", number, queue[0], present)
            yield ("watch", index), _with_agent(state, index, (after, queue[1:]))
        applied = self._agent_after("apply", number)
        if applied != number:
            yield ("apply", index), _with_agent(state, index, (applied, queue))
        confirmed = self._confirmed(number, present)
        if confirmed != present:
            yield ("confirm", index), _stored(state, index, confirmed)
        if state.crashes:
            after = self._agent_after("crash", number, present)
            fresh = _with_agent(state, index, (after, ()))
            yield ("crash", index), fresh._replace(crashes=state.crashes - 1)

    def _agent_after(self, name: str, number: int, *seen: int) -> int:
        key = (name, number, *seen)
        if key not in self._done:
            before, views = self.agents[number], [self.objects[one] for one in seen]
            if name == "watch":
                after = agent.watch(before, views[0], views[1])  # type: ignore[arg-type]
            elif name == "apply":
                after = agent.apply(before, self._domains)
            else:
                after = agent.crashed(before, views[0], memory=self.safeguards.agent_memory)  # type: ignore[arg-type]
            self._done[key] = self.agents.number(after, after.key)
        return self._done[key]  # type: ignore[return-value]

    def _confirmed(self, number: int, present: int) -> int:
        key = ("confirm", number, present)
        if key not in self._done:
            view = self.objects[present]
            assert isinstance(view, FrequenciesView)
            last = self.safeguards.confirm_last
            status = agent.confirmed(self.agents[number], view, self._domains, confirm_last=last)
            changed = replace(view, status=status, version=view.version + 1)
            self._done[key] = present if status == view.status else self.objects.number(changed)
        return self._done[key]  # type: ignore[return-value]

    def _settled(self, index: int) -> FrequenciesView:
        grant, name = self.story.grants[index], leader.NODES[index]
        budget = PowerBudget(
            sequence=1,
            leader_epoch=1,
            domain="row",
            base_watts=BASE,
            grant_watts=grant,
            reserved_watts=grant,
            lease_duration_seconds=600,
        )
        status = BudgetStatus(
            uid=f"nf-{name}",
            sequence=1,
            node_uid=f"uid-{name}",
            boot_id=agent.BOOT,
            enforced_budget_watts=grant,
            nameplate_watts=leader.NAMEPLATE,
            minimum_budget_watts=agent.MINIMUM,
        )
        return FrequenciesView(f"nf-{name}", 1, budget, status, 1)

    def _agent(self, index: int, view: FrequenciesView) -> tuple[int, tuple[int, ...]]:
        fresh = agent.started(leader.NODES[index], view, self.story.grants[index])
        state = agent.apply(fresh, self._domains)
        return self.agents.number(state, state.key), ()


def _reaches(step: Step, place: int | None) -> bool:
    return step[0] == "land" and step[2] == place


def _with_leader(state: State, index: int, found: tuple[int, tuple[tuple[int, ...], ...]]) -> State:
    return state._replace(leaders=(*state.leaders[:index], found, *state.leaders[index + 1 :]))


def _with_agent(state: State, index: int, found: tuple[int, tuple[int, ...]]) -> State:
    return state._replace(agents=(*state.agents[:index], found, *state.agents[index + 1 :]))


def _with_flight(state: State, flight: tuple[int, int, int], after: tuple[int, int, int] | None) -> State:
    rest = list(state.flights)
    rest.remove(flight)
    if after is not None:
        rest.append(after)
        rest.sort()
    return state._replace(flights=tuple(rest))


def _one_less(state: State) -> State:
    return state if state.astray == BOUNDLESS else state._replace(astray=state.astray - 1)


def _stored(state: State, place: int, after: int) -> State:
    """Puts an object's new state into the store, and into the queue of everybody who watches it."""
    objects = (*state.objects[:place], after, *state.objects[place + 1 :])
    leaders = tuple(
        (number, (*queues[:place], (*queues[place], after), *queues[place + 1 :]))
        for number, queues in state.leaders
    )
    agents = tuple(
        (number, (*queue, after) if index == place else queue)
        for index, (number, queue) in enumerate(state.agents)
    )
    return state._replace(objects=objects, leaders=leaders, agents=agents)  # type: ignore[arg-type]
