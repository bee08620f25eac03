"""The books: what nodes may come to draw without any further write, against a ceiling for each domain.

The ceiling is the cap. Only the outside may lift a sum above it: a cut, a reboot, a node that joins or moves.
Then the ceiling is open until every leader has seen it, and whatever was sent before has landed or been
refused; from then on it follows the sum down to the cap, and the sum may never rise again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .agent import Agent
from .leader import Flight
from .rooms import CHAINS, NAMEPLATE

if TYPE_CHECKING:
    from .world import World

OPEN = 10**9


class OverTheCap(AssertionError):  # noqa: N818 - a finding
    """The books do not hold."""


class Books:
    """Looks at the world from outside, and at what its leaders have seen of it.

    Attributes:
        restored: Domains of which nobody has said anything since the store was set back.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.restored: set[str] = set()
        self._ceiling = dict.fromkeys(CHAINS, OPEN)
        self._waiting: dict[str, tuple[list[int], set[Flight] | None]] = {}

    def open(self, domain: str) -> None:
        """The outside has changed something that may lift the sum of a domain."""
        self._ceiling[domain] = OPEN
        store = self._world.store
        ends = [len(store.frequencies_history), len(store.domains_history), len(store.nodes_history)]
        self._waiting[domain] = (ends, None)

    def sums(self) -> dict[str, int]:
        sums = dict.fromkeys(CHAINS, 0)
        for name, agent in self._world.agents.items():
            levels = {level for place in self._places(name, agent) for level in CHAINS[place]}
            watts = agent.reachable_watts()
            for level in levels:
                sums[level] += watts
        return sums

    def check(self) -> None:
        travelling = {flight for flight in self._world.flights if flight.outcome is None}
        for domain, watts in self.sums().items():
            if not self._world.store.domains[domain].enforced:
                continue
            if domain in self._waiting and not self._has_arrived(domain, travelling):
                continue
            cap = self._world.store.domains[domain].cap_watts
            ceiling = max(self._ceiling[domain], cap)
            if watts > ceiling:
                raise OverTheCap(f"{domain}: {watts} W may be drawn, {ceiling} W are allowed (cap {cap} W)")
            self._ceiling[domain] = max(cap, watts)
            self.check_word(domain)

    def check_word(self, domain: str) -> None:
        """Rule 7: what is published covers every grant and every base that somebody may obey.

        First budgets are left out: they promise nothing that the nodes would not draw anyway.
        """
        word = self._world.store.domains[domain].published
        if word is not None and word.leader_epoch == self._world.epoch:
            self.restored.discard(domain)
        if word is None or domain in self.restored:
            return
        grants, bases = 0, 0
        for agent in self._world.agents.values():
            found = [b for b in agent.obeyable() if domain in CHAINS[b.domain] and b.base_watts < NAMEPLATE]
            grants += max((b.grant_watts for b in found if not b.release), default=0)
            bases += max((b.base_watts for b in found if not b.release), default=0)
        if grants > word.granted_cap_watts:
            raise OverTheCap(f"{domain}: grants of {grants} W, but G is {word.granted_cap_watts} W")
        if bases > word.base_watts:
            raise OverTheCap(f"{domain}: bases of {bases} W, but B is {word.base_watts} W")

    def check_draw(self) -> None:
        """Rule 7: agents that have all seen the last change of a cap draw no more than that together.

        No leader is needed for that, and it does not matter which grants each of them has. Under the sum of
        the bases nobody can be cut.
        """
        for name, domain in self._world.store.domains.items():
            changed_at = self._cap_changed_at(name)
            members = [agent for node, agent in self._world.agents.items() if name in self._chain(node)]
            if all(agent.obeyed_position > changed_at for agent in members):
                word = domain.published
                drawn = sum(agent.hardware_watts for agent in members)
                allowed = max(domain.cap_watts, word.base_watts if word else OPEN)
                if drawn > allowed:
                    raise OverTheCap(f"{name}: {drawn} W are drawn, {allowed} W are allowed")

    def _chain(self, node: str) -> tuple[str, ...]:
        return CHAINS[self._world.store.nodes[node].domain]

    def _cap_changed_at(self, domain: str) -> int:
        """Returns where in the history the present cap was set."""
        history = self._world.store.domains_history
        cap, at = self._world.store.domains[domain].cap_watts, 0
        for index in range(len(history) - 1, -1, -1):
            name, state = history[index]
            if name == domain:
                if state.cap_watts != cap:
                    break
                at = index
        return at

    def _places(self, name: str, agent: Agent) -> set[str]:
        return {self._world.physical[name]} | agent.places()

    def _has_arrived(self, domain: str, travelling: set[Flight]) -> bool:
        """Whether every leader has seen what happened, and nothing sent before that is still under way."""
        ends, sent_before = self._waiting[domain]
        if sent_before is None:
            seen = (zip(leader.at, ends, strict=True) for leader in self._world.leaders)
            if not all(at >= end for leader in seen for at, end in leader):
                return False
            self._waiting[domain] = (ends, travelling)
            return not travelling
        if sent_before & travelling:
            return False
        del self._waiting[domain]
        return True
