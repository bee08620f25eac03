"""The record: noted before the deed, closed after it, bounded, and readable by whoever comes next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from actuator.audit.entries import Ended, amend, intend, refuse, resolve, settle
from actuator.audit.judging import judge
from actuator.audit.stands import stands_of, with_stands
from actuator.gate.refusal import Refusal
from actuator.ladder.action import Action, Outcome, Rung
from actuator.ladder.decide import Taken
from actuator.ladder.scene import Declined, Level
from actuator.ladder.standing import Stand
from common.api.core import ObjectReference
from common.api.decisions import (
    MAX_BYTES,
    MAX_DECISIONS,
    RECORD_KEY,
    Decision,
    Record,
    RecordMap,
    decode_record,
    encode_record,
)

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
LEVEL = Level("policy/llm/cap", 900, 700, 900)
WINDOW = timedelta(seconds=600)
SETTLING = timedelta(seconds=45)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def taken(name: str, watts: int = 100) -> Taken:
    target = ObjectReference(kind="Pod", namespace="llm", name=name, uid=f"u-{name}")
    action = Action(f"EVICT/{name}", Rung.EVICT, ("llm", "cap"), target, watts, 1, "why", node="n")
    claims = ("rate/cluster", "rate/domain/row", "rate/workload/llm/Deployment/web")
    return Taken(action, LEVEL, claims, ("other (90 W)",))


def intended(*names: str) -> Record:
    return intend(Record(), [taken(name) for name in names], NOW, WINDOW)


def test_what_is_intended_is_noted_with_all_that_it_rests_on() -> None:
    record = intended("a")
    (decision,), (mark,) = record.decisions, record.disruptions
    assert (decision.verdict, decision.target, decision.node) == ("Intended", "Pod/llm/a", "n")
    assert (decision.draw_watts, decision.cap_watts, decision.expected_watts) == (900, 700, 100)
    assert decision.alternatives == ["other (90 W)"]
    assert (mark.workload, mark.domains, mark.count) == ("llm/Deployment/web", ["row"], 1)


def test_marks_that_are_over_are_dropped_and_no_others() -> None:
    record = intend(intended("a"), [taken("b")], after(599), WINDOW)
    assert len(record.disruptions) == 2
    assert len(intend(record, [taken("c")], after(600), WINDOW).disruptions) == 2


def test_an_answer_closes_its_own_intention() -> None:
    record = settle(intended("a", "b"), [Outcome(taken("b").action, False, "DisruptionBudget", "no")])
    assert [(one.verdict, one.reason) for one in record.decisions] == [
        ("Intended", "Chosen"),
        ("Failed", "DisruptionBudget"),
    ]


@pytest.mark.parametrize(("gone", "verdict"), [(True, "Taken"), (False, "Abandoned")])
def test_an_intention_without_an_answer_is_closed_by_what_is_seen(gone: bool, verdict: str) -> None:
    record = intended("a")
    assert resolve(record, lambda _: gone, after(44), SETTLING) == record
    assert resolve(record, lambda _: gone, after(45), SETTLING).decisions[0].verdict == verdict
    assert len(resolve(record, lambda _: gone, after(45), SETTLING).disruptions) == 1


MOVES = {
    "landed": ("Migrated", "Taken"),
    "not evicted": ("NotEvicted", "Abandoned"),
    "a note that says nothing": ("Unreadable", "Intended"),
}


@pytest.mark.parametrize(("reason", "verdict"), MOVES.values(), ids=MOVES)
def test_how_a_move_ended_says_whether_the_pod_was_stopped(reason: str, verdict: str) -> None:
    record = amend(intended("a", "b"), [Ended("EVICT/a", reason, "said")])
    assert [(one.verdict, one.reason) for one in record.decisions] == [
        (verdict, reason),
        ("Intended", "Chosen"),
    ]


def test_achieved_watts_are_shared_by_what_was_expected() -> None:
    record = intend(Record(), [taken("a", 100), taken("b", 300)], NOW, WINDOW)
    record = settle(record, [Outcome(taken(name).action, True, "Evicted", "") for name in "ab"])
    measured = {"policy/llm/cap": (700, after(50))}
    assert [one.achieved_watts for one in judge(record, measured, after(60), SETTLING).decisions] == [50, 150]


@pytest.mark.parametrize(
    ("measured_at", "now"), [(10, 60), (50, 44)], ids=["measured too soon", "still settling"]
)
def test_nothing_is_judged_before_its_effect_can_be_measured(measured_at: float, now: float) -> None:
    record = settle(intended("a"), [Outcome(taken("a").action, True, "Evicted", "")])
    measured = {"policy/llm/cap": (700, after(measured_at))}
    assert judge(record, measured, after(now), SETTLING).decisions[0].achieved_watts is None


def test_a_repeated_refusal_counts_up_one_entry() -> None:
    declined = [(LEVEL, Declined(Rung.EVICT, Refusal("PolicyPaused", "first"), "llm/cap"))]
    again = [(LEVEL, Declined(Rung.EVICT, Refusal("PolicyPaused", "second"), "llm/cap"))]
    record = refuse(refuse(Record(), declined, NOW), again, after(5))
    (decision,) = record.decisions
    assert (decision.count, decision.message, decision.last) == (2, "second", "2026-01-01T12:00:05Z")


def test_stands_outlive_the_leader_but_their_deadlines_start_anew() -> None:
    stands = {"a": Stand(Rung.EVICT, after(-100)), "b": Stand(Rung.CEILING, after(5), after(-50))}
    record = with_stands(Record(), stands)
    assert stands_of(record, NOW) == {
        "a": Stand(Rung.EVICT, NOW),
        "b": Stand(Rung.CEILING, after(5), NOW),
    }


def test_it_stays_small_whatever_is_noted() -> None:
    long = Decision(
        key="k", at="t", subject="s", rung="EVICT", verdict="Refused", reason="R", message="x" * 4_000
    )
    record = Record(decisions=[long] * 1_000)
    text = encode_record(record)[RECORD_KEY]
    kept = decode_record(RecordMap(data={RECORD_KEY: text})).decisions
    assert len(text) <= MAX_BYTES
    assert 0 < len(kept) <= MAX_DECISIONS


def test_the_newest_decisions_and_all_marks_are_kept() -> None:
    marks = intended("a").disruptions
    decisions = [
        Decision(key=str(n), at="t", subject="s", rung="EVICT", verdict="Refused", reason="R")
        for n in range(900)
    ]
    kept = decode_record(RecordMap(data=encode_record(Record(disruptions=marks, decisions=decisions))))
    assert kept.decisions[-1].key == "899"
    assert kept.disruptions == marks


def test_an_empty_map_is_an_empty_record() -> None:
    assert decode_record(RecordMap()) == Record()
