"""Which moves the ladder is offered: for nodes and domains, of policies that name the lever; one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from actuator.gate.policy import Moment
from actuator.gate.settings import GateSettings
from actuator.input.picture import Picture
from actuator.input.round import Round
from actuator.input.subjects import Subjects
from actuator.ladder.action import Rung
from actuator.ladder.decide import Decided, decide
from actuator.ladder.scene import Level
from actuator.ladder.settings import LadderSettings
from actuator.ladder.standing import Stand
from common.api.core import PodCondition, PodStatus
from common.api.decisions import Decision, Record
from common.api.meta import ObjectMeta, rfc3339
from common.api.placement import PlacedPod
from common.api.places import ANNOTATION_PLACES, Place, write_places
from common.api.policy import PolicySpec, PowerCappingPolicy, UpdatePolicy
from common.api.selector import LabelSelector
from common.domains.tree import build_tree
from tests.unit.actuator.advice import FRESH, row, said

from .builders import domain, node
from .builders import pod as bare

NOW = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)
PLACE = Place(
    key="k", pod="x", node="b", hostname="b", source="a", owner="o", workload="ns/ReplicaSet/web-abc",
    since=rfc3339(NOW), until=rfc3339(NOW + timedelta(minutes=1)),
)  # fmt: skip


def pod(name: str, **spec: Any) -> PlacedPod:
    ready = [PodCondition(type="Ready", status="True")]
    return replace(
        bare(name, **spec), status=PodStatus(phase="Running", start_time=rfc3339(LONG_AGO), conditions=ready)
    )


def policy(*levers: str, moving: bool = False) -> PowerCappingPolicy:
    notes = {ANNOTATION_PLACES: write_places({"uid": PLACE}) or ""} if moving else {}
    return PowerCappingPolicy(
        metadata=ObjectMeta(name="cap", namespace="ns", annotations=notes),
        spec=PolicySpec(
            selector=LabelSelector(match_labels={"app": "web"}),
            update_policy=UpdatePolicy(update_mode="Auto", levers=list(levers)),
        ),
        status=said(NOW, (800, 500), [row("ReplicaSet/web-abc", 400)]),
    )


class Cache:
    def __init__(self, *pods: PlacedPod) -> None:
        self.pods = pods

    def pods_in(self, _namespace: str) -> list[Any]:
        return list(self.pods)

    def pods_on(self, name: str) -> list[Any]:
        return [one for one in self.pods if one.spec.node_name == name]

    def budgets_in(self, _namespace: str) -> list[Any]:
        return []


def decided(governing: PowerCappingPolicy, pods: list[PlacedPod], level: Level, *past: Decision) -> Decided:
    nodes = {name: node(name, watts=2000) for name in ("a", "b")}
    hot, cool = domain("a", power=800, headroom=-300), domain("b", headroom=5000)
    seen = replace(hot.status.observed, last_updated=rfc3339(NOW)) if hot.status.observed else None
    hot = replace(hot, status=replace(hot.status, observed=seen, conditions=[FRESH]))
    tree = build_tree([hot, cool], {name: one.metadata.labels for name, one in nodes.items()})
    picture = Picture(nodes, {}, {"a": hot, "b": cool}, (), (governing,), tree)
    moment = Moment(NOW, LONG_AGO, "home")
    record = Record(decisions=list(past))
    round_ = Round(picture, Cache(*pods), record, moment, GateSettings(), LadderSettings())
    subjects = Subjects(round_, [])
    stand = Stand(Rung.EVICT, LONG_AGO, breached_since=LONG_AGO)
    return decide(
        subjects.build([level]), {level.subject: stand}, NOW, subjects.counts(frozenset()), round_.ladder
    )


HOT = Level("domain/a", 800, 500)
RUNGS = {
    "a domain moves one": (policy("Migrate"), HOT, [Rung.MIGRATE]),
    "moved rather than evicted": (policy("Migrate", "Evict"), HOT, [Rung.MIGRATE]),
    "evicted where moving is not allowed": (policy("Evict"), HOT, [Rung.EVICT]),
    "a policy's own cap moves none": (policy("Migrate"), Level("policy/ns/cap", 800, 500), []),
    "one of a workload at a time": (policy("Migrate", moving=True), HOT, []),
}


@pytest.mark.parametrize(("governing", "level", "expected"), RUNGS.values(), ids=RUNGS)
def test_what_is_done(governing: PowerCappingPolicy, level: Level, expected: list[Rung]) -> None:
    found = decided(governing, [pod("p"), pod("q")], level)
    assert [one.action.rung for one in found.actions] == expected
    assert {one.action.destination for one in found.actions if one.action.rung is Rung.MIGRATE} <= {"b"}


BEGUN = {
    "noted, and perhaps done": ("Intended", "Chosen", 5, []),
    "evicted": ("Taken", "Moving", 5, []),
    "ended": ("Taken", "Migrated", 5, [Rung.MIGRATE]),
    "not done": ("Abandoned", "NotEvicted", 5, [Rung.MIGRATE]),
    "so long ago that its note would be seen": ("Taken", "Moving", 300, [Rung.MIGRATE]),
}


@pytest.mark.parametrize(("verdict", "reason", "seconds", "expected"), BEGUN.values(), ids=BEGUN)
def test_a_move_that_the_local_copies_do_not_show_yet(
    verdict: str, reason: str, seconds: float, expected: list[Rung]
) -> None:
    past = Decision(
        key="k", at=rfc3339(NOW - timedelta(seconds=seconds)), subject=HOT.subject, rung="MIGRATE",
        verdict=verdict, reason=reason, uid="another", workload="ns/ReplicaSet/web-abc",
    )  # fmt: skip
    found = decided(policy("Migrate"), [pod("p"), pod("q"), pod("r")], HOT, past)
    assert [one.action.rung for one in found.actions] == expected


def test_what_cannot_move_is_evicted_and_the_reason_is_told() -> None:
    local = [pod(name, volumes=[{"name": "v", "emptyDir": {}}]) for name in "pq"]
    found = decided(policy("Migrate", "Evict"), local, HOT)
    assert [one.action.rung for one in found.actions] == [Rung.EVICT]
    assert "LocalStorage" in {one.refusal.reason for _, one in found.declined if one.rung is Rung.MIGRATE}


def test_a_pod_is_never_moved_and_evicted_at_once() -> None:
    pods = [pod(name, watts=100) for name in "pqr"]
    found = decided(policy("Migrate", "Evict"), pods, Level("domain/a", 2000, 500))
    assert [one.action.rung for one in found.actions] == [Rung.MIGRATE, Rung.EVICT]
    assert len({one.action.target.uid for one in found.actions}) == 2
