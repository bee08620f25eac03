"""Which pods could be stopped for a subject, what each would free, and why others may not be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from actuator.gate.pods import pod_refusal
from actuator.gate.policy import policy_refusals
from actuator.gate.rate import CLUSTER, domain_claim, workload_claim
from actuator.gate.refusal import Refusal
from actuator.input.governed import Governed
from actuator.input.replicas import Replicas
from actuator.input.round import Round
from actuator.ladder.action import Action, Rung
from actuator.ladder.relief import relief_watts
from actuator.ladder.scene import Declined, Level, Option
from common.api.core import PODS, Pod
from common.api.policy import LEVER_EVICT, LEVER_MIGRATE, PowerCappingPolicy
from common.api.reference import reference
from common.api.workload import workload_of

_STOPPED = Refusal("NotRunning", "it was stopped already, which the local copies are yet to show")
_Groups = dict[tuple[str, str], list[tuple[Refusal, str]]]
"""Refusals and their pods, by policy and reason."""


class Moves(Protocol):
    """Where pods could move."""

    def place_for(self, subject: str, pod: Pod, watts: int) -> str | Refusal:
        """Returns the node that a pod could move to so that a subject's draw falls, or why there is none."""
        ...


@dataclass
class Candidates:
    """What was found for one subject."""

    options: list[Option] = field(default_factory=list)
    declined: list[Declined] = field(default_factory=list)


class Finder:
    """Finds candidates for one rung in one round; what holds for a policy or namespace is worked out once.

    Args:
        round_: What the round rests on.
        replicas: How many pods there are, and which were stopped already.
        general: Why no pod at all may be stopped.
        moves: Where pods could move; without it they are candidates for eviction.
    """

    def __init__(
        self, round_: Round, replicas: Replicas, general: Sequence[Refusal], moves: Moves | None = None
    ) -> None:
        self._rung = Rung.EVICT if moves is None else Rung.MIGRATE
        self._lever = LEVER_EVICT if moves is None else LEVER_MIGRATE
        self._moves = moves
        self._round = round_
        self._replicas = replicas
        self._general = tuple(general)
        self._refusals: dict[str, list[Refusal]] = {}
        self._least: dict[str, int] = {}

    def find(self, level: Level, pods: Iterable[Governed], least_watts: int) -> Candidates:
        """Returns the options for a subject, and why other pods are none."""
        found = Candidates()
        groups: _Groups = defaultdict(list)
        by_node: dict[str, list[Governed]] = defaultdict(list)
        for one in pods:
            by_node[one.pod.spec.node_name].append(one)
        reliefs = [(self._relief(node, one, crowd), one) for node, crowd in by_node.items() for one in crowd]
        if self._moves is not None:  # places are given away in the order in which pods are chosen
            reliefs.sort(key=lambda pair: (pair[1].policy.spec.priority, pair[1].pod.spec.priority, -pair[0]))
        for relief, one in reliefs:
            self._sort_in(level, one, relief, least_watts, found, groups)
        found.declined += [
            _declined(self._rung, policy, refusals) for (policy, _), refusals in sorted(groups.items())
        ]
        return found

    def knows(self, workload: str) -> bool:
        """Whether a pod of a workload is a candidate."""
        return workload in self._least

    def replicas_left(self, workload: str) -> int:
        """Returns how many ready pods of a workload (``namespace/Kind/name``) may go."""
        return self._replicas.ready(workload) - self._least.get(workload, 1)

    def _sort_in(
        self, level: Level, one: Governed, relief: int, least_watts: int, found: Candidates, groups: _Groups
    ) -> None:
        standing = self._policy_refusals(one.policy)
        for always in standing:
            groups[one.policy.key, always.reason] = [(always, "")]
        if standing:
            return
        budgets = self._budgets(one.pod)
        refusal = (
            pod_refusal(one.pod, self._round.moment.now, self._round.gate)
            or (_STOPPED if self._replicas.is_stopped(one.pod) else None)
            or _too_little(relief, least_watts)
            or _too_many(budgets)
        )
        place = ""
        if refusal is None and self._moves is not None:
            chosen = self._moves.place_for(level.subject, one.pod, one.draw.watts)
            place, refusal = ("", chosen) if isinstance(chosen, Refusal) else (chosen, None)
        if refusal is None:
            found.options.append(self._option(level, one, relief, budgets, place))
        else:
            target = f"Pod/{one.pod.namespace}/{one.pod.name}"
            groups[one.policy.key, refusal.reason].append((refusal, target))

    def _policy_refusals(self, policy: PowerCappingPolicy) -> list[Refusal]:
        if policy.key not in self._refusals:
            own = policy_refusals(policy, self._lever, self._round.moment, self._round.gate)
            self._refusals[policy.key] = own or list(self._general)
        return self._refusals[policy.key]

    def _option(self, level: Level, one: Governed, relief: int, budgets: list[str], place: str) -> Option:
        pod, policy = one.pod, one.policy
        workload = f"{pod.namespace}/{workload_of(pod)}"
        self._least[workload] = policy.spec.update_policy.min_replicas
        tree = self._round.picture.tree
        leaf = tree.leaf_of(pod.spec.node_name) or ""
        action = Action(
            key=f"{self._rung.name}/{pod.metadata.uid}",
            rung=self._rung,
            policy=(policy.namespace, policy.name),
            target=reference(PODS, pod),
            relief_watts=relief,
            disruptions=1,
            reason=f"{level.subject} draws {level.draw_watts:,} W of {level.cap_watts:,} W",
            destination=place,
            domain=leaf,
            node=pod.spec.node_name,
        )
        claims = (
            CLUSTER,
            *map(domain_claim, tree.chain(leaf)),
            workload_claim(workload),
            f"replicas/{workload}",
            *(f"pdb/{name}" for name in budgets),
            *([f"move/{workload}"] if place else []),
        )
        return Option(action, (policy.spec.priority, pod.spec.priority), claims)

    def _relief(self, node: str, one: Governed, crowd: Sequence[Governed]) -> int:
        item = self._round.picture.objects.get(node)
        shared = item is not None and item.spec.power_budget is not None
        neighbours = (other.draw for other in crowd if other is not one) if shared else ()
        return relief_watts(one.draw, neighbours, shared_budget=shared)

    def _budgets(self, pod: Pod) -> list[str]:
        return [
            budget.key
            for budget in self._round.pods.budgets_in(pod.namespace)
            if budget.spec.selector is not None and budget.spec.selector.matches(pod.metadata.labels)
        ]


def _too_little(relief: int, least_watts: int) -> Refusal | None:
    if relief >= least_watts:
        return None
    text = f"stopping it would free {relief} W, less than the {least_watts} W that are worth a disruption"
    return Refusal("NoRelief", text)


def _too_many(budgets: Sequence[str]) -> Refusal | None:
    if len(budgets) <= 1:
        return None
    text = f"the Eviction API refuses pods under several PodDisruptionBudgets: {', '.join(budgets)}"
    return Refusal("SeveralDisruptionBudgets", text)


def _declined(rung: Rung, policy: str, refusals: list[tuple[Refusal, str]]) -> Declined:
    """Makes one entry of all pods that are left alone for one reason."""
    first, target = refusals[0]
    if not target or len(refusals) == 1:
        return Declined(rung, first, policy, target)
    text = f"{len(refusals)} pods, as {target.rpartition('/')[2]}: {first.message}"
    return Declined(rung, Refusal(first.reason, text, first.chosen), policy, target)
