"""Changes of the record, as pure functions: intend, settle, amend, resolve, refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from actuator.gate.rate import claimed, recent
from actuator.ladder.action import Outcome
from actuator.ladder.decide import Taken
from actuator.ladder.scene import Declined, Level
from actuator.placement.progress import NOT_EVICTED, UNREADABLE
from common.api.decisions import (
    ABANDONED,
    FAILED,
    INTENDED,
    MAX_DECISIONS,
    REFUSED,
    TAKEN,
    Decision,
    Disruption,
    Record,
)
from common.api.meta import parse_time, rfc3339, rfc3339_micro


def intend(record: Record, actions: Iterable[Taken], now: datetime, window: timedelta) -> Record:
    """Notes what is about to be done, and the disruptions that it may cause."""
    disruptions, decisions = recent(record.disruptions, now, window), list(record.decisions)
    for taken in actions:
        workload, domains = claimed(taken.claims)
        decisions.append(_intended(taken, workload, now))
        if taken.action.disruptions:
            count = taken.action.disruptions
            mark = Disruption(at=rfc3339_micro(now), workload=workload, domains=domains, count=count)
            disruptions.append(mark)
    return replace(record, disruptions=disruptions, decisions=decisions[-MAX_DECISIONS:])


def settle(record: Record, outcomes: Iterable[Outcome]) -> Record:
    """Notes how intended actions ended."""
    ended = {outcome.action.key: outcome for outcome in outcomes}

    def close(one: Decision) -> Decision:
        outcome = ended.get(one.key)
        if outcome is None or one.verdict != INTENDED:
            return one
        verdict = TAKEN if outcome.taken else FAILED
        return replace(one, verdict=verdict, reason=outcome.reason, message=outcome.message)

    return replace(record, decisions=[close(one) for one in record.decisions])


@dataclass(frozen=True)
class Ended:
    """How a move ended, some time after its eviction.

    Attributes:
        key: The action's key.
        reason: In one word.
        message: In a sentence.
        well: Whether the replacement is where it was meant to be.
    """

    key: str
    reason: str
    message: str
    well: bool = False


def amend(record: Record, moves: Iterable[Ended]) -> Record:
    """Notes how moves ended that were begun before."""
    ended = {move.key: move for move in moves}

    def close(one: Decision) -> Decision:
        move = ended.get(one.key)
        if move is None or one.verdict not in (INTENDED, TAKEN):
            return one
        verdict = {NOT_EVICTED: ABANDONED, UNREADABLE: one.verdict}.get(move.reason, TAKEN)
        return replace(one, verdict=verdict, reason=move.reason, message=move.message)

    return replace(record, decisions=[close(one) for one in record.decisions]) if ended else record


def resolve(record: Record, is_gone: Callable[[Decision], bool], now: datetime, after: timedelta) -> Record:
    """Closes intentions whose answer nobody heard: done where the target is gone, else abandoned."""

    def close(one: Decision) -> Decision:
        at = parse_time(one.at)
        if one.verdict != INTENDED or (at is not None and now - at < after):
            return one
        if is_gone(one):
            return replace(one, verdict=TAKEN, reason="FoundDone", message="its answer was lost; it is gone")
        text = "nobody did it: a leader stopped between the note and the deed"
        return replace(one, verdict=ABANDONED, reason="NotDone", message=text)

    return replace(record, decisions=[close(one) for one in record.decisions])


def refuse(record: Record, declined: Iterable[tuple[Level, Declined]], now: datetime) -> Record:
    """Notes what would have been done and was not; a repeated refusal counts up the entry that is there."""
    decisions = list(record.decisions)
    where = {one.key: index for index, one in enumerate(decisions) if one.verdict == REFUSED}
    for level, one in declined:
        key = refusal_key(level, one)
        if key in where:
            old = decisions[where[key]]
            decisions[where[key]] = replace(
                old, count=old.count + 1, last=rfc3339(now), message=one.refusal.message
            )
            continue
        where[key] = len(decisions)
        decisions.append(_refused(key, level, one, now))
    return replace(record, decisions=decisions[-MAX_DECISIONS:])


def refusal_key(level: Level, one: Declined) -> str:
    """Returns what makes two refusals the same one."""
    return f"{level.subject}/{one.rung.name}/{one.refusal.reason}/{one.policy}"


def _intended(taken: Taken, workload: str, now: datetime) -> Decision:
    action, level = taken.action, taken.level
    return Decision(
        key=action.key,
        at=rfc3339_micro(now),
        subject=level.subject,
        rung=action.rung.name,
        verdict=INTENDED,
        reason="Chosen",
        message=action.reason,
        policy="/".join(action.policy),
        target=f"{action.target.kind}/{action.target.namespace}/{action.target.name}",
        uid=action.target.uid,
        node=action.node,
        domain=action.domain,
        workload=workload,
        draw_watts=level.draw_watts,
        cap_watts=level.cap_watts,
        expected_watts=action.relief_watts,
        disruptions=action.disruptions,
        alternatives=list(taken.alternatives),
    )


def _refused(key: str, level: Level, one: Declined, now: datetime) -> Decision:
    return Decision(
        key=key,
        at=rfc3339_micro(now),
        subject=level.subject,
        rung=one.rung.name,
        verdict=REFUSED,
        reason=one.refusal.reason,
        message=one.refusal.message,
        policy=one.policy,
        target=one.target,
        draw_watts=level.draw_watts,
        cap_watts=level.cap_watts,
        last=rfc3339(now),
    )
