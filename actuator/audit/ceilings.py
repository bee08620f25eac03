"""Replica ceilings in the record: written, given back or refused, and the watts expected of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from actuator.ladder.action import Outcome, Rung
from common.api.decisions import MAX_DECISIONS, REFUSED, TAKEN, Decision, Record
from common.api.meta import rfc3339, rfc3339_micro
from common.api.policy import PowerCappingPolicy

MOST_CEILINGS = 100
"""So many entries are about ceilings at most: they come often, and must not push out all others."""


def ceiling_entry(outcome: Outcome, policy: PowerCappingPolicy | None, now: datetime) -> Decision:
    """Returns the entry of a ceiling that was written or given back.

    Args:
        outcome: What became of the action.
        policy: Whose advice it follows; None where that is gone.
        now: When; entries of one moment share the fall in draw that follows.
    """
    action = outcome.action
    target = action.target
    return replace(
        _entry(policy, "/".join(action.policy), now),
        key=action.key,
        verdict=TAKEN,
        reason=outcome.reason,
        message=action.reason,
        change=outcome.message,
        target=f"{target.kind}/{target.namespace}/{target.name}",
        expected_watts=action.relief_watts,
        disruptions=action.disruptions,
    )


def ceiling_refusal(
    policy: PowerCappingPolicy, subject: str, reason: str, message: str, now: datetime
) -> Decision:
    """Returns the entry of a ceiling that is not written.

    Args:
        policy: Whose advice is not followed.
        subject: ``Kind/name`` of the workload or owner; any other word where it is about all of them.
        reason: In a word.
        message: In a sentence, with the remedy where people have one.
        now: When.
    """
    kind, slash, name = subject.partition("/")
    target = f"{kind}/{policy.namespace}/{name}" if slash else ""
    return replace(
        _entry(policy, policy.key, now),
        key=f"policy/{policy.key}/{Rung.CEILING.name}/{reason}/{target}",
        verdict=REFUSED,
        reason=reason,
        message=message,
        target=target,
        last=rfc3339(now),
    )


def with_ceilings(record: Record, entries: Iterable[Decision]) -> Record:
    """Adds entries; a repeated refusal counts up the one that is there, and the oldest make room."""
    decisions = list(record.decisions)
    refused = {one.key: at for at, one in enumerate(decisions) if one.verdict == REFUSED}
    for entry in entries:
        if entry.verdict == REFUSED and entry.key in refused:
            old = decisions[refused[entry.key]]
            again = replace(old, count=old.count + 1, last=entry.last, message=entry.message)
            decisions[refused[entry.key]] = again
            continue
        if entry.verdict == REFUSED:
            refused[entry.key] = len(decisions)
        decisions.append(entry)
    return replace(record, decisions=_bounded(decisions)[-MAX_DECISIONS:])


def _bounded(decisions: list[Decision]) -> list[Decision]:
    """Leaves out the oldest entries about ceilings beyond their share."""
    beyond = sum(one.rung == Rung.CEILING.name for one in decisions) - MOST_CEILINGS
    kept = []
    for one in decisions:
        if one.rung == Rung.CEILING.name and beyond > 0:
            beyond -= 1
        else:
            kept.append(one)
    return kept


def _entry(policy: PowerCappingPolicy | None, key: str, now: datetime) -> Decision:
    power = policy.status.current_power if policy else None
    cap = policy.status.effective_cap_watts if policy else None
    return Decision(
        key="",
        at=rfc3339_micro(now),
        subject=f"policy/{key}",
        rung=Rung.CEILING.name,
        verdict="",
        reason="",
        policy=key,
        draw_watts=power.watts if power else 0,
        cap_watts=cap or 0,
    )
