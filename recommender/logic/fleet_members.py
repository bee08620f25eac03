"""The services of policies as the Planner sees them, and its rows as ceilings of policies."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from common.api.policy import LEVER_POWER_LIMIT, MODE_AUTO, PolicySpec, PowerCappingPolicy
from common.domains.tree import DomainTree
from common.models.outlook import Outlook
from recommender.logic.facts import PolicyFacts
from recommender.logic.former import former_ceilings
from recommender.logic.planned import Planned
from recommender.model.pods import PodView
from recommender.planner.fleet import Member, Rows
from recommender.planner.inventory import service_key
from recommender.planner.observe import Samples
from recommender.planner.service_state import ALL_SPEEDS, ServiceState, first_target_of

_UPPER_SHARE = 0.95
_MOST_RISE = 2.0
"""A forecast of more than twice the present load is a start, not a trend: the next plan sees it."""


@dataclass(frozen=True)
class Targets:
    """What holds where no policy says otherwise.

    Attributes:
        inter_token_seconds: Between tokens, at most.
        most_replicas_factor: Of the present replicas, at most.
    """

    inter_token_seconds: float
    most_replicas_factor: float


def members_of(facts: PolicyFacts, samples: Samples, targets: Targets, domains: Mapping[str, tuple[str, ...]],
               rise: float) -> list[Member]:  # fmt: skip
    """Returns the services of a policy that the Planner knows enough of.

    Args:
        facts: The policy's pods, cap and former advice.
        samples: Load and watts of services.
        targets: Defaults.
        domains: Capped domains of each node, the outermost first.
        rise: What the present load is forecast to grow by, as a factor.
    """
    by_workload: dict[str, list[PodView]] = defaultdict(list)
    for pod in facts.pods:
        by_workload[pod.workload].append(pod)
    return [
        Member(state, facts.policy.key, _common([domains.get(pod.node, ()) for pod in pods]))
        for workload, pods in sorted(by_workload.items())
        if (state := _state(facts.policy, workload, pods, samples, targets, rise)) is not None
    ]  # fmt: skip


def services_watts(facts: PolicyFacts, members: Iterable[Member]) -> float | None:
    """Returns what the cap leaves for the services that are planned; None where nobody can tell yet.

    What runs besides counts as the policy's last advice counted it.
    """
    if facts.cap.watts is None:
        return None
    planned = {member.service.key for member in members}
    jobs = {one.workload for one in facts.deferred.ceilings}
    counts = Counter(
        pod.workload
        for pod in facts.pods
        if service_key(pod.namespace, pod.workload) not in planned and pod.workload not in jobs
    )
    cap_watts = float(facts.cap.watts - facts.deferred.watts)
    if not counts:
        return max(0.0, cap_watts)
    advice, cap = facts.policy.status.recommendation, facts.policy.status.effective_cap_watts
    if advice is None or advice.replica_budget_watts is None or cap is None:
        return None
    each = {one.workload: one.watts_per_replica for one in advice.replicas}
    fixed = cap - advice.replica_budget_watts
    besides = sum(count * each.get(workload, 0) for workload, count in counts.items())
    return max(0.0, cap_watts - fixed - besides)


def capped_domains(tree: DomainTree, caps: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
    """Returns the domains in Auto with a cap over each node, the outermost first."""
    held = {
        name for name, one in tree.domains.items()
        if name in caps and one.spec.update_policy.update_mode == MODE_AUTO
    }  # fmt: skip
    chains = {name: tuple(one for one in reversed(tree.chain(name)) if one in held) for name in tree.domains}
    return {node: chains[name] for name in tree.domains for node in tree.members.get(name, ())}


def rise_of(outlook: Outlook | None) -> float:
    """Returns by which factor a load will rise within the horizon, at the quantile that is planned for."""
    if outlook is None or outlook.too_short or not outlook.peaks.size or outlook.level_watts <= 0:
        return 1.0
    upper = float(np.quantile(outlook.peaks, _UPPER_SHARE)) / outlook.level_watts
    return min(max(1.0, upper), _MOST_RISE)


def planned_rows(facts: PolicyFacts, rows: Rows) -> dict[str, Planned]:
    """Returns the plan of a policy's workloads; empty where any of them found no watts."""
    found: dict[str, Planned] = {}
    for workload in {pod.workload for pod in facts.pods}:
        row = rows.get(service_key(facts.policy.namespace, workload))
        if row is None:
            continue
        if row.option is None:
            return {}
        found[workload] = Planned(row.option.replicas, math.ceil(row.option.replica_watts), row.reason)
    return found


def _state(policy: PowerCappingPolicy, workload: str, pods: Sequence[PodView], samples: Samples,
           targets: Targets, rise: float) -> ServiceState | None:  # fmt: skip
    key = service_key(policy.namespace, workload)
    model = samples.model(key)
    if model is None:
        return None
    spec = policy.spec
    present = _present(policy, workload, len(pods))
    target = spec.inter_token_latency_milliseconds
    return ServiceState(
        key=key,
        replicas=present,
        least_replicas=min(spec.update_policy.min_replicas, present),
        most_replicas=max(1, math.ceil(max(present, len(pods)) * targets.most_replicas_factor)),
        priority=max(pod.priority for pod in pods),
        target_seconds=target / 1000.0 if target else targets.inter_token_seconds,
        tokens_per_second=samples.demand(key, rise=rise),
        model=model,
        nameplate_watts=0.0,
        speeds=_speeds(spec),
        first_target_seconds=first_target_of(spec),
    )


def _present(policy: PowerCappingPolicy, workload: str, count: int) -> int:
    """Returns the count from which a change costs: the last planned ceiling, else what runs.

    A ceiling that nobody has grown up to yet is no change when it is planned again.
    """
    before = former_ceilings(policy).get(workload)
    ceiling = before.replicas if before else count
    return ceiling if count <= ceiling <= 2 * count else count


def _speeds(spec: PolicySpec) -> tuple[float, ...]:
    """Lower speeds count only where watt limits hold devices to them, or where no lever is named yet.

    Clocks are locked where the policy's algorithm advises them, which is not what a plan counts on.
    """
    levers = spec.update_policy.levers
    return ALL_SPEEDS if not levers or LEVER_POWER_LIMIT in levers else (1.0,)


def _common(chains: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Returns the domains that all chains begin with."""
    found: list[str] = []
    for names in zip(*chains, strict=False):
        if len(set(names)) > 1:
            break
        found.append(names[0])
    return tuple(found)
