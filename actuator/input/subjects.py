"""Everything that the ladder looks at in a round, built from the picture and the local copies of pods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from actuator.gate.policy import freshness, telemetry
from actuator.gate.rate import RateLimits
from actuator.gate.refusal import Refusal
from actuator.input.candidates import Candidates, Finder
from actuator.input.destinations import Destinations
from actuator.input.governed import Governed, draws_by_workload, govern
from actuator.input.levels import DOMAIN, NODE, POLICY, split
from actuator.input.replicas import Replicas
from actuator.input.round import Round
from actuator.ladder.action import Rung
from actuator.ladder.counts import Counts
from actuator.ladder.feedback import no_effect
from actuator.ladder.scene import Declined, Level, Subject
from common.api.decisions import INTENDED, TAKEN, Decision
from common.api.meta import parse_time
from common.api.policy import LEVER_MIGRATE, LEVER_SCALE, MODE_AUTO
from common.webhook.matching import PolicyIndex


class Subjects:
    """Builds the subjects of a round, and the counts that their actions use up."""

    def __init__(self, round_: Round, general: Sequence[Refusal]) -> None:
        self._round = round_
        self._picture = round_.picture
        self._policies = {policy.key: policy for policy in round_.picture.policies}
        self._tables = {key: draws_by_workload(policy) for key, policy in self._policies.items()}
        replicas = Replicas(round_)
        self._finder = Finder(round_, replicas, general)
        self._moves = Destinations(round_)
        self._mover = Finder(round_, replicas, general, moves=self._moves)
        self._index = PolicyIndex()
        for policy in round_.picture.policies:
            self._index.change(None, policy)

    def build(self, levels: Iterable[Level]) -> list[Subject]:
        """Returns a subject for each level."""
        return [self._subject(level) for level in levels]

    def counts(self, backed_off: frozenset[str]) -> Counts:
        """Returns what may be used up in this round.

        Args:
            backed_off: Disruption budgets that said no a short time ago.
        """
        limits = RateLimits(self._round.record.disruptions, self._round.moment.now, self._round.gate)

        def initial(claim: str) -> int:
            kind, _, what = claim.partition("/")
            if kind == "rate":
                return limits.left(claim)
            if kind == "replicas":
                return (self._finder if self._finder.knows(what) else self._mover).replicas_left(what)
            if kind == "move":
                return 0 if self._moves.is_moving(what) else 1
            return 0 if what in backed_off else self._allowed(what)

        return Counts(initial)

    def _subject(self, level: Level) -> Subject:
        refusals = self._own_refusals(level)
        found, moves = Candidates(), Candidates()
        if level.excess_watts > 0 and refusals:
            found.declined = [Declined(Rung.EVICT, one) for one in refusals]
        elif level.excess_watts > 0:
            pods, least = list(self._governed(level)), self._round.ladder.least_relief_watts
            found = self._finder.find(level, pods, least)
            if split(level.subject)[0] != POLICY:  # a moved pod draws its policy's watts elsewhere
                moves = self._mover.find(level, filter(_may_move, pods), least)
        return Subject(
            level,
            options={Rung.MIGRATE: moves.options, Rung.EVICT: found.options},
            declined=[*found.declined, *moves.declined],
            self_acting=self._self_acting(level),
            in_flight_watts=sum(one.expected_watts for one in self._in_flight(level)),
        )

    def _own_refusals(self, level: Level) -> list[Refusal]:
        """Returns why nothing may be done for a subject, whatever its pods' policies say."""
        kind, key = split(level.subject)
        moment, gate = self._round.moment, self._round.gate
        found: list[Refusal] = []
        if kind == NODE:
            stamp = self._picture.objects[key].status.last_updated
            found += freshness(stamp, "the agent's report", moment, gate)
        elif kind == DOMAIN:
            status = self._picture.domains[key].status
            stamp = status.observed.last_updated if status.observed else ""
            found += freshness(stamp, "the domain's draw", moment, gate)
            found += telemetry(status.conditions)
        past = [one for one in self._stopped() if one.subject == level.subject]
        return [*found, *filter(None, [no_effect(past, moment.now)])]

    def _self_acting(self, level: Level) -> frozenset[Rung]:
        """Ceilings follow the recommender's advice by themselves, as long as it has any to give."""
        policy = self._policies.get(split(level.subject)[1]) if split(level.subject)[0] == POLICY else None
        if policy is None or policy.status.recommendation is None:
            return frozenset()
        update = policy.spec.update_policy
        scales = update.update_mode == MODE_AUTO and LEVER_SCALE in update.levers
        return frozenset({Rung.CEILING}) if scales and policy.status.recommendation.replicas else frozenset()

    def _governed(self, level: Level) -> Iterator[Governed]:
        kind, key = split(level.subject)
        if kind == POLICY:
            policy = self._policies[key]
            for pod in self._round.pods.pods_in(policy.namespace):
                if policy.spec.selector.matches(pod.metadata.labels) and pod.spec.node_name:
                    yield govern(pod, policy, self._tables)
            return
        nodes = [key] if kind == NODE else self._picture.tree.nodes_of(key)
        for node in nodes:
            for pod in self._round.pods.pods_on(node):
                governing = self._index.match(pod.namespace, pod.metadata.labels)
                if governing is not None:
                    yield govern(pod, governing, self._tables)

    def _allowed(self, budget: str) -> int:
        namespace = budget.partition("/")[0]
        found = (one for one in self._round.pods.budgets_in(namespace) if one.key == budget)
        return next((one.status.disruptions_allowed for one in found), 0)

    def _stopped(self) -> Iterator[Decision]:
        """Yields what was decided on rungs that stop pods; ceilings have a deadline of their own."""
        return (one for one in self._round.record.decisions if one.rung != Rung.CEILING.name)

    def _in_flight(self, level: Level) -> Iterator[Decision]:
        since = self._round.moment.now - self._round.ladder.settling
        for one in self._stopped():
            at = parse_time(one.at)
            open_ = one.verdict in (INTENDED, TAKEN) and at is not None and at > since
            if open_ and _concerns(one, level, self._picture.tree.chain(one.domain)):
                yield one


def _concerns(decision: Decision, level: Level, domains: Sequence[str]) -> bool:
    """Whether what a decision frees is measured in a subject's draw."""
    kind, key = split(level.subject)
    if kind == POLICY:
        return decision.policy == key
    return decision.node == key if kind == NODE else key in domains


def _may_move(one: Governed) -> bool:
    """Whether a pod's policy names the lever at all: others are candidates for eviction alone."""
    return LEVER_MIGRATE in one.policy.spec.update_policy.levers
