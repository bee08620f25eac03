"""What actions have achieved, told by later measurements. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from common.api.decisions import TAKEN, Decision, Record
from common.api.meta import parse_time


def judge(
    record: Record, draws: Mapping[str, tuple[int, datetime]], now: datetime, settling: timedelta
) -> Record:
    """Fills in what actions have freed, once their effect can be measured.

    Actions of one moment for one subject share its fall in draw by what was expected of each.

    Args:
        record: The record.
        draws: Draw in watts and time of measurement, by subject.
        now: The present moment.
        settling: How long an effect takes.
    """
    ready = [one for one in record.decisions if _can_be_judged(one, draws, now, settling)]
    expected: dict[tuple[str, str], int] = {}
    for one in ready:
        expected[one.subject, one.at] = expected.get((one.subject, one.at), 0) + one.expected_watts

    def fill(one: Decision) -> Decision:
        if not _can_be_judged(one, draws, now, settling):
            return one
        fall = one.draw_watts - draws[one.subject][0]
        total = expected[one.subject, one.at] or 1
        return replace(one, achieved_watts=round(fall * one.expected_watts / total))

    return replace(record, decisions=[fill(one) for one in record.decisions]) if ready else record


def _can_be_judged(
    one: Decision, draws: Mapping[str, tuple[int, datetime]], now: datetime, settling: timedelta
) -> bool:
    at = parse_time(one.at)
    if one.verdict != TAKEN or one.achieved_watts is not None or at is None or one.subject not in draws:
        return False
    if one.expected_watts <= 0:  # a ceiling that was raised, say: it was not to free anything
        return False
    return now - at >= settling and draws[one.subject][1] - at >= settling / 2
