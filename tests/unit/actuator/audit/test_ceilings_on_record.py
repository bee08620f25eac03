"""Ceilings on the record: with what they were expected to free, bounded, and refusals with a count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from actuator.audit.ceilings import MOST_CEILINGS, ceiling_entry, ceiling_refusal, with_ceilings
from actuator.audit.journal import Journal
from actuator.audit.judging import judge
from actuator.ladder.action import Outcome
from actuator.scaling.actions import bounding, restoration
from actuator.scaling.transition import Service
from common.api.core import ObjectReference
from common.api.decisions import MAX_DECISIONS, Decision, Record
from common.api.meta import ObjectMeta
from common.api.policy import CurrentPower, PolicyStatus, PowerCappingPolicy

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
SETTLING = timedelta(seconds=45)
CHAT = ObjectReference(kind="ScaledObject", namespace="llm", name="chat")
CODE = ObjectReference(kind="ScaledObject", namespace="llm", name="code")
POLICY = PowerCappingPolicy(
    metadata=ObjectMeta(name="cap", namespace="llm"),
    status=PolicyStatus(current_power=CurrentPower(watts=1_800, pods=12), effective_cap_watts=900),
)


def lowered(owner: ObjectReference, pods: int, ceiling: int) -> Decision:
    service = Service(owner, bound=100, wanted=ceiling, alive=pods, watts=100)
    action = bounding(("llm", "cap"), service, ceiling, "the cap leaves them 900 W")
    outcome = Outcome(action, True, "CeilingWritten", "spec.maxReplicaCount from 100 to 3")
    return ceiling_entry(outcome, POLICY, NOW)


def refused(reason: str = "NotATarget", subject: str = "Deployment/web") -> Decision:
    return ceiling_refusal(POLICY, subject, reason, "name it", NOW)


def test_a_ceiling_is_expected_to_free_the_watts_of_the_pods_that_go() -> None:
    entry = lowered(CHAT, pods=6, ceiling=4)
    assert (entry.expected_watts, entry.disruptions) == (200, 2)
    assert (entry.subject, entry.policy, entry.target) == (
        "policy/llm/cap",
        "llm/cap",
        "ScaledObject/llm/chat",
    )
    assert (entry.draw_watts, entry.cap_watts) == (1_800, 900)
    assert entry.change == "spec.maxReplicaCount from 100 to 3"


def test_ceilings_of_one_round_share_the_fall_in_draw() -> None:
    record = with_ceilings(Record(), [lowered(CHAT, 6, 3), lowered(CODE, 6, 0)])
    later = NOW + SETTLING
    judged = judge(record, {"policy/llm/cap": (1_000, later)}, later, SETTLING)
    assert [(one.expected_watts, one.achieved_watts) for one in judged.decisions] == [(300, 267), (600, 533)]


def test_what_was_given_back_frees_nothing_and_is_not_judged() -> None:
    action = restoration(("llm", "cap"), CHAT, "the policy scales no more")
    entry = ceiling_entry(Outcome(action, True, "OriginalRestored", "back to 6"), None, NOW)
    later = NOW + SETTLING
    judged = judge(with_ceilings(Record(), [entry]), {"policy/llm/cap": (2_000, later)}, later, SETTLING)
    assert judged.decisions[0].achieved_watts is None


def test_a_refusal_that_is_told_again_counts_up() -> None:
    record = with_ceilings(Record(), [refused(), refused("Forbidden")])
    record = with_ceilings(record, [refused()])
    assert [(one.reason, one.count) for one in record.decisions] == [("NotATarget", 2), ("Forbidden", 1)]
    assert record.decisions[0].target == "Deployment/llm/web"


def test_a_refusal_about_all_ceilings_has_no_target() -> None:
    assert refused("PolicyPaused", "ceilings").target == ""


def test_ceilings_do_not_push_evictions_out_of_the_record() -> None:
    evicted = Decision(
        key="e", at="t", subject="policy/llm/cap", rung="EVICT", verdict="Taken", reason="Evicted"
    )
    many = [lowered(CHAT, pods, 0) for pods in range(MAX_DECISIONS + 5)]
    record = with_ceilings(Record(decisions=[evicted]), many)
    assert record.decisions[0] == evicted
    assert [one.disruptions for one in record.decisions[1:]] == list(range(MAX_DECISIONS + 5))[
        -MOST_CEILINGS:
    ]


def test_a_journal_hands_over_each_entry_once_oldest_first() -> None:
    journal = Journal()
    for pods in range(MAX_DECISIONS + 1):
        journal.add(lowered(CHAT, pods, 0))
    assert [one.disruptions for one in journal.take()] == list(range(1, MAX_DECISIONS + 1))
    assert (len(journal), journal.take()) == (0, [])
