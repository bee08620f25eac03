"""The Planner in the loop: what is seen of services becomes one plan for all policies that may scale."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field

from common.domains.tree import DomainTree
from common.models.outlook import Outlook
from common.telemetry.load import LoadTable
from recommender.logic.domain_status import domain_draw
from recommender.logic.facts import PolicyFacts
from recommender.logic.fleet_members import (
    Targets,
    capped_domains,
    members_of,
    planned_rows,
    rise_of,
    services_watts,
)
from recommender.logic.planned import Planned
from recommender.model.names import load_series
from recommender.model.telemetry import TelemetryState
from recommender.model.world import World
from recommender.planner.fleet import Caps, Member, Rows, plan_fleet
from recommender.planner.inventory import service_key, services_of
from recommender.planner.observe import Samples, pods_of
from recommender.planner.service_state import ServiceKey, Weights


@dataclass
class Fleet:
    """Plans once a cycle; until a plan is made the last one stands.

    Attributes:
        samples: Load and watts of services, shared with whoever answers clients.
        targets: Defaults of services.
        weights: Asked at each plan: prices and carbon move.
        ceilings: Whether plans become the ceilings of policies.
        solver: Where plans are made, so that they hold up no cycle; None for the cycle's own thread.
        rows: The last plan.
    """

    samples: Samples
    targets: Targets
    weights: Callable[[], Weights] = Weights
    ceilings: bool = False
    solver: Executor | None = None
    rows: Rows = field(default_factory=dict)
    _running: Future[Rows] | None = None

    def observe(self, world: World, telemetry: TelemetryState, load: LoadTable) -> None:
        """Takes one sample of every service."""
        self.samples.add(pods_of(load, telemetry.draws), services_of(world.pods))

    def plan(
        self, every: Iterable[PolicyFacts], scene: Scene, outlook: Callable[[str], Outlook | None]
    ) -> None:
        """Plans the services of all policies; the policy of higher priority has a service that two select."""
        if not self.ceilings:
            return
        domains = capped_domains(scene.tree, scene.caps)
        members: dict[str, list[Member]] = {}
        taken: set[ServiceKey] = set()
        policies: dict[str, float] = {}
        for facts in sorted(every, key=lambda one: (-one.policy.spec.priority, one.policy.key)):
            key = facts.policy.key
            rise = rise_of(outlook(load_series(key)))
            found = members_of(facts, self.samples, self.targets, domains, rise)
            own = [one for one in found if one.service.key not in taken]
            watts = services_watts(facts, own)
            if watts is None or not own:
                continue
            taken |= {one.service.key for one in own}
            members[key], policies[key] = own, watts
        flat = [one for own in members.values() for one in own]
        self._solve(flat, Caps(policies, self._rooms(flat, scene)))

    def _solve(self, members: list[Member], caps: Caps) -> None:
        """Makes a plan, or begins to where another thread does; one that is under way is waited for.

        Raises:
            Exception: Whatever ended the last plan in another thread, once.
        """
        if self.solver is None:
            self.rows = plan_fleet(members, caps, self.weights())
            return
        if self._running is not None and not self._running.done():
            return
        last, self._running = self._running, self.solver.submit(plan_fleet, members, caps, self.weights())
        self._running.add_done_callback(self._take)
        if last is not None and not last.cancelled():
            last.result()

    def _take(self, done: Future[Rows]) -> None:
        if not done.cancelled() and done.exception() is None:
            self.rows = done.result()

    def planned(self, facts: PolicyFacts) -> dict[str, Planned]:
        """Returns the plan of a policy's workloads."""
        return planned_rows(facts, self.rows) if self.ceilings else {}

    def _rooms(self, members: Iterable[Member], scene: Scene) -> dict[str, float]:
        """Returns what each domain's cap leaves for the services: what else draws there stays as it is."""
        inside: dict[str, set[ServiceKey]] = {}
        for one in members:
            for domain in one.domains:
                inside.setdefault(domain, set()).add(one.service.key)
        by_service: dict[ServiceKey, float] = defaultdict(float)
        for pod in scene.world.pods:
            if (draw := scene.telemetry.draws.pods.get(pod.key)) is not None:
                by_service[service_key(pod.namespace, pod.workload)] += draw.watts
        rooms: dict[str, float] = {}
        for domain, keys in inside.items():
            total = domain_draw(scene.tree, domain, scene.world.nodes, scene.telemetry).watts
            own = sum(by_service.get(key, 0.0) for key in keys)
            rooms[domain] = max(0.0, scene.caps[domain] - (total - own))
        return rooms


@dataclass(frozen=True)
class Scene:
    """Where the services are: the world, its domains with their caps in watts, and what is drawn."""

    world: World
    tree: DomainTree
    caps: Mapping[str, int]
    telemetry: TelemetryState
