"""What is over its cap, whose pods could help, and what is on its way already."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from actuator.gate.policy import Moment
from actuator.gate.refusal import Refusal
from actuator.gate.settings import GateSettings
from actuator.input.levels import levels
from actuator.input.picture import Picture
from actuator.input.round import Round
from actuator.input.subjects import Subjects
from actuator.ladder.action import Rung
from actuator.ladder.scene import Level, Subject
from actuator.ladder.settings import LadderSettings
from common.api.core import Container, Node, Pod, PodCondition, PodSpec, PodStatus, ResourceRequirements
from common.api.decisions import Decision, Record
from common.api.disruption import DisruptionBudgetSpec, DisruptionBudgetStatus, PodDisruptionBudget
from common.api.domain import DomainSpec, DomainStatus, DomainUpdatePolicy, Enforcement, Observed, PowerDomain
from common.api.frequencies import FrequenciesSpec, FrequenciesStatus, NodeFrequencies, PowerBudget
from common.api.meta import Condition, ObjectMeta, OwnerReference, rfc3339
from common.api.policy import PolicySpec, PowerCappingPolicy, ReplicaAdvice, UpdatePolicy
from common.api.selector import LabelSelector
from common.domains.tree import build_tree
from tests.unit.actuator.advice import FRESH, row, said

NOW = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)


def pod(name: str, node: str = "n1", app: str = "web", ready: str = "True") -> Pod:
    owner = OwnerReference(kind="StatefulSet", name=app, controller=True)
    watts = ResourceRequirements(requests={"climatik.io/watts": "400"})
    return Pod(
        metadata=ObjectMeta(
            name=name, namespace="llm", uid=f"u-{name}", labels={"app": app}, owner_references=[owner]
        ),
        spec=PodSpec(node_name=node, containers=[Container(name="c", resources=watts)]),
        status=PodStatus(
            phase="Running",
            start_time=rfc3339(NOW - timedelta(hours=1)),
            conditions=[PodCondition(type="Ready", status=ready)],
        ),
    )


def policy(
    draw: int = 900, cap: int = 700, levers: tuple[str, ...] = ("Evict",), **more: Any
) -> PowerCappingPolicy:
    rows = [row("StatefulSet/web", 250, 300), row("StatefulSet/web", 50, container="sidecar")]
    return PowerCappingPolicy(
        metadata=ObjectMeta(name="cap", namespace="llm"),
        spec=PolicySpec(
            selector=LabelSelector(match_labels={"app": "web"}),
            update_policy=UpdatePolicy(update_mode="Auto", levers=list(levers)),
        ),
        status=said(NOW, (draw, cap), rows, **more),
    )


def node(name: str, draw: int = 800, grant: int = 600, reason: str = "FloorsTooHigh") -> NodeFrequencies:
    budget = PowerBudget(
        sequence=1, leader_epoch=1, domain="row", base_watts=1, grant_watts=grant, reserved_watts=grant,
        lease_duration_seconds=600,
    )  # fmt: skip
    obeyed = Condition(type="BudgetObeyed", status="False", reason=reason)
    return NodeFrequencies(
        metadata=ObjectMeta(name=name),
        spec=FrequenciesSpec(node_name=name, power_budget=budget),
        status=FrequenciesStatus(draw_watts=draw, last_updated=rfc3339(NOW), conditions=[obeyed]),
    )


def domain(mode: str = "Auto", draw: int = 2_000, cap: int = 1_500) -> PowerDomain:
    return PowerDomain(
        metadata=ObjectMeta(name="row"),
        spec=DomainSpec(
            cap_watts=cap, update_policy=DomainUpdatePolicy(update_mode=mode), node_selector=LabelSelector()
        ),
        status=DomainStatus(
            observed=Observed(power_watts=draw, last_updated=rfc3339(NOW)),
            enforcement=Enforcement(effective_cap_watts=cap),
            conditions=[FRESH],
        ),
    )


class Cache:
    def __init__(self, *pods: Pod, budgets: tuple[PodDisruptionBudget, ...] = ()) -> None:
        self.pods, self.budgets = pods, budgets

    def pods_in(self, namespace: str) -> list[Pod]:
        return [one for one in self.pods if one.namespace == namespace]

    def pods_on(self, name: str) -> list[Pod]:
        return [one for one in self.pods if one.spec.node_name == name]

    def budgets_in(self, namespace: str) -> list[PodDisruptionBudget]:
        return list(self.budgets)


def scene(
    *items: Any, cache: Cache, record: Record | None = None, general: tuple[Refusal, ...] = ()
) -> Subjects:
    policies = tuple(one for one in items if isinstance(one, PowerCappingPolicy))
    objects = {one.name: one for one in items if isinstance(one, NodeFrequencies)}
    domains = {one.name: one for one in items if isinstance(one, PowerDomain)}
    nodes = {name: Node(metadata=ObjectMeta(name=name)) for name in ("n1", "n2")}
    tree = build_tree(domains.values(), {name: {} for name in nodes})
    picture = Picture(nodes, objects, domains, (), policies, tree)
    moment = Moment(NOW, NOW - timedelta(hours=1), "home")
    return Subjects(
        Round(picture, cache, record or Record(), moment, GateSettings(), LadderSettings()), general
    )


def only(subjects: Subjects, level: Level) -> Subject:
    (found,) = subjects.build([level])
    return found


def names(subject: Subject) -> list[str]:
    return sorted(option.action.target.name for option in subject.options[Rung.EVICT])


OVER = Level("policy/llm/cap", 900, 700, 900)


@pytest.mark.parametrize(
    ("item", "excess"),
    [
        (policy(), 200),
        (policy(draw=700), 0),
        (policy(pods=0), None),
        (node("n1"), 200),
        (node("n1", reason="Writing"), 0),
        (domain(), 500),
        (domain(mode="Off"), None),
    ],
    ids=["policy", "at its cap", "not measured", "floors", "lowering", "domain", "domain that advises"],
)
def test_what_is_over_its_cap(item: Any, excess: int | None) -> None:
    objects = {item.name: item} if isinstance(item, NodeFrequencies) else {}
    domains = {item.name: item} if isinstance(item, PowerDomain) else {}
    policies = (item,) if isinstance(item, PowerCappingPolicy) else ()
    found = list(levels(Picture({}, objects, domains, (), policies, build_tree([], {}))))
    assert [one.excess_watts for one in found] == ([] if excess is None else [excess])


def test_a_pods_watts_are_those_of_all_its_containers() -> None:
    cache = Cache(pod("a"), pod("b", app="other"))
    found = only(scene(policy(), cache=cache), OVER)
    assert names(found) == ["a"]
    assert found.options[Rung.EVICT][0].action.relief_watts == 300


def test_neighbours_that_would_take_the_watts_up_count_against_it() -> None:
    cache = Cache(pod("a"), pod("b"), pod("c", node="n2"))
    found = only(scene(policy(), node("n1"), cache=cache), OVER)
    reliefs = {option.action.target.name: option.action.relief_watts for option in found.options[Rung.EVICT]}
    assert reliefs == {"a": 250, "b": 250, "c": 300}


def test_pods_of_a_node_and_of_a_domain_count_where_a_policy_lets_them() -> None:
    cache = Cache(pod("a"), pod("b", node="n2"), pod("nobodys", app="other"))
    subjects = scene(policy(), node("n1"), domain(), cache=cache)
    assert names(only(subjects, Level("node/n1", 800, 600))) == ["a"]
    assert names(only(subjects, Level("domain/row", 2_000, 1_500))) == ["a", "b"]


def test_a_webhook_in_doubt_keeps_every_pod() -> None:
    subjects = scene(policy(), cache=Cache(pod("a")), general=(Refusal("WebhookUnavailable", "down"),))
    found = only(subjects, OVER)
    assert names(found) == []
    assert [one.refusal.reason for one in found.declined] == ["WebhookUnavailable"]


def test_pods_refused_for_one_reason_are_one_entry() -> None:
    subjects = scene(policy(), cache=Cache(pod("a", app="web"), *(_young(name) for name in "bcd")))
    (declined,) = only(subjects, OVER).declined
    assert declined.refusal.reason == "StillSettling"
    assert declined.refusal.message.startswith("3 pods, as b:")


def _young(name: str) -> Pod:
    return msgspec.structs.replace(
        pod(name), status=PodStatus(phase="Running", start_time=rfc3339(NOW - timedelta(seconds=5)))
    )


def test_counts_know_replicas_and_budgets() -> None:
    budget = PodDisruptionBudget(
        metadata=ObjectMeta(name="b", namespace="llm"),
        spec=DisruptionBudgetSpec(selector=LabelSelector(match_labels={"app": "web"})),
        status=DisruptionBudgetStatus(disruptions_allowed=2),
    )
    cache = Cache(pod("a"), pod("b"), pod("c", ready="False"), budgets=(budget,))
    subjects = scene(policy(), domain(), cache=cache)
    found = only(subjects, OVER)
    counts = subjects.counts(frozenset())
    claims = set(found.options[Rung.EVICT][0].claims)
    workload = "llm/StatefulSet/web"
    wanted = {
        "rate/cluster",
        "rate/domain/row",
        f"rate/workload/{workload}",
        f"replicas/{workload}",
        "pdb/llm/b",
    }
    assert claims == wanted
    assert counts.left(f"replicas/{workload}") == 1
    assert counts.left("pdb/llm/b") == 2
    assert subjects.counts(frozenset({"llm/b"})).left("pdb/llm/b") == 0


def test_what_was_done_for_another_subject_is_on_its_way_for_this_one_too() -> None:
    done = Decision(
        key="k", at=rfc3339(NOW - timedelta(seconds=20)), subject="node/n1", rung="EVICT", verdict="Taken",
        reason="Evicted", policy="llm/cap", node="n1", domain="row", expected_watts=120,
    )  # fmt: skip
    subjects = scene(policy(), node("n1"), domain(), cache=Cache(), record=Record(decisions=[done]))
    for subject in ("policy/llm/cap", "node/n1", "domain/row"):
        assert only(subjects, Level(subject, 900, 700)).in_flight_watts == 120
    assert only(subjects, Level("node/n1", 900, 700)).in_flight_watts == 120


def test_ceilings_on_record_hold_no_eviction_up() -> None:
    """They have a rung and a deadline of their own; that some achieved little says nothing about pods."""
    at = rfc3339(NOW - timedelta(seconds=20))
    vain = Decision(
        key="k", at=at, subject="policy/llm/cap", rung="CEILING", verdict="Taken", reason="CeilingWritten",
        policy="llm/cap", expected_watts=500, achieved_watts=0,
    )  # fmt: skip
    found = only(scene(policy(), cache=Cache(), record=Record(decisions=[vain] * 3)), OVER)
    assert found.in_flight_watts == 0
    assert not [one for one in found.declined if one.refusal.reason == "NoEffect"]
    evicted = msgspec.structs.replace(vain, rung="EVICT")
    other = only(scene(policy(), cache=Cache(), record=Record(decisions=[evicted] * 3)), OVER)
    assert [one for one in other.declined if one.refusal.reason == "NoEffect"]


def test_ceilings_are_at_work_only_while_there_is_advice_for_them() -> None:
    advice = [ReplicaAdvice(workload="StatefulSet/web", replicas=1)]
    scaling = policy(levers=("Scale", "Evict"), replicas=advice)
    assert only(scene(scaling, cache=Cache()), OVER).self_acting == {Rung.CEILING}
    assert only(scene(policy(levers=("Scale", "Evict")), cache=Cache()), OVER).self_acting == frozenset()
    assert only(scene(policy(replicas=advice), cache=Cache()), OVER).self_acting == frozenset()
