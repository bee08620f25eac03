"""What is the case for one policy, before anything is advised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from common.api.policy import PowerCappingPolicy
from common.domains.tree import DomainTree
from common.models.outlook import Outlook
from recommender.logic.board_snapshot import RackCap
from recommender.logic.boards import boards_of, pod_ceiling_watts
from recommender.logic.capping import capping_required
from recommender.logic.deferred import NOTHING_DEFERRED, Deferred
from recommender.logic.planned import Planned
from recommender.logic.relative import CapHistory, EffectiveCap, effective_cap
from recommender.logic.slowdowns import NO_FLOORS, SlowdownFloors
from recommender.model.board import Board
from recommender.model.efficiency import Spent
from recommender.model.pods import PodView
from recommender.model.telemetry import TelemetryState
from recommender.model.world import World


@dataclass(frozen=True)
class Rival:
    """Another policy that holds some of the same GPUs, with the limits in watts that it advises on them."""

    key: str
    shared: frozenset[str]
    limits: Mapping[str, int]


@dataclass(frozen=True)
class Crowding:
    """A domain in which more is guaranteed than its cap allows, in watts."""

    domain: str
    guaranteed_watts: int
    cap_watts: int


@dataclass(frozen=True)
class PolicyFacts:
    """A policy's pods, draw, cap and boards, in watts.

    Attributes:
        policy: The policy.
        pods: Running pods that it selects.
        measured: How many of them are measured.
        draw_watts: What those draw.
        host_watts: The processors' part, which GPU limits cannot lower; where not measured, as last seen.
        untold: How many pods hold GPUs, as last told, of which no source tells now.
        source: Who measured.
        ceilings: Nameplate by pod key.
        cap: The cap, or why there is none.
        required: Whether capping is called for.
        boards: The GPUs of the pods.
        racks: Bounds of racks on these pods' GPUs.
        outlook: What is expected; None without history.
        rivals: Other policies on the same GPUs: the UUIDs shared, and the limits that they advise there.
        crowding: The domain whose cap all guarantees together exceed; None where they fit.
        floors: What keeps the workloads within ``maxSlowdownPercent``.
        estimated_watts: What pods that nobody measures are likely to draw; not in ``draw_watts``.
        spent: Energy, tokens and requests of the pods' inference servers over the last minutes.
        planned: What the Planner gives workloads, by ``Kind/name``; empty without a plan.
        deferred: Jobs that may wait, and whether they run now.
    """

    policy: PowerCappingPolicy
    pods: Sequence[PodView]
    measured: int
    draw_watts: float
    host_watts: float
    untold: int
    source: str
    ceilings: Mapping[str, int]
    cap: EffectiveCap
    required: bool
    boards: Sequence[Board]
    racks: Sequence[RackCap]
    outlook: Outlook | None
    rivals: Sequence[Rival] = ()
    crowding: Crowding | None = None
    floors: SlowdownFloors = NO_FLOORS
    estimated_watts: float = 0.0
    spent: Spent = field(default_factory=Spent)
    planned: Mapping[str, Planned] = field(default_factory=dict)
    deferred: Deferred = NOTHING_DEFERRED

    @property
    def ceiling_watts(self) -> int:
        """What all the pods could draw at full power."""
        return sum(self.ceilings.values())


def select_pods(policy: PowerCappingPolicy, world: World) -> list[PodView]:
    """Returns the running pods of the policy's namespace that its selector matches."""
    matches = policy.spec.selector.matches
    groups = world.groups.get(policy.namespace, ())
    return [pod for group in groups if matches(group.labels) for pod in group.pods]


def gather_facts(
    policy: PowerCappingPolicy, world: World, tree: DomainTree, telemetry: TelemetryState,
    outlook: Outlook | None, history: CapHistory | None,
) -> PolicyFacts:  # fmt: skip
    """Gathers what is the case for a policy."""
    pods = select_pods(policy, world)
    draws = [telemetry.draws.pods[pod.key] for pod in pods if pod.key in telemetry.draws.pods]
    held = {pod.key: telemetry.known.pods[pod.key] for pod in pods if pod.key in telemetry.known.pods}
    drawn = sum(draw.watts for draw in draws)
    cap = effective_cap(policy.spec, history)
    untold = sum(bool(draw.gpus) and not _tells_gpus(telemetry, key) for key, draw in held.items())
    return PolicyFacts(
        policy=policy,
        pods=pods,
        measured=len(draws),
        draw_watts=drawn,
        host_watts=sum(draw.host_watts for draw in held.values()),
        untold=untold,
        source=" + ".join(sorted({part for draw in draws for part in draw.source.split(" + ") if part})),
        ceilings={
            pod.key: pod_ceiling_watts(pod, telemetry.known, world.nodes, telemetry.boards) for pod in pods
        },
        cap=cap,
        required=_calls_for_capping(policy, cap, drawn, known=not pods or (bool(draws) and not untold)),
        boards=boards_of(pods, telemetry.known, telemetry.boards),
        racks=_racks(policy, tree),
        outlook=outlook,
        estimated_watts=sum(telemetry.draws.estimated_pods.get(pod.key, 0.0) for pod in pods),
    )


def _calls_for_capping(
    policy: PowerCappingPolicy, cap: EffectiveCap, drawn_watts: float, *, known: bool
) -> bool:
    """Whether capping is called for; what is known in part is no proof that it is no longer."""
    if cap.watts is None:
        return False
    before = bool(policy.status.capping_action_required)
    if before and not known:
        return True
    return capping_required(drawn_watts, cap.watts, policy.spec.capping_threshold, before=before)


def _tells_gpus(telemetry: TelemetryState, pod: str) -> bool:
    draw = telemetry.draws.pods.get(pod)
    return draw is not None and bool(draw.gpus)


def _racks(policy: PowerCappingPolicy, tree: DomainTree) -> list[RackCap]:
    return [
        RackCap(rack.rack_id, rack.max_power, frozenset(tree.nodes_of(rack.rack_id)))
        for rack in policy.spec.rack_constraints
        if rack.max_power is not None and rack.rack_id in tree.domains
    ]
