"""Whether what was done for a subject helped: measured watts against expected ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from actuator.gate.refusal import Refusal
from common.api.decisions import TAKEN, Decision
from common.api.meta import parse_time

JUDGED_ACTIONS = 3
LEAST_PERCENT = 25
COOL_DOWN = timedelta(minutes=10)


def no_effect(decisions: Iterable[Decision], now: datetime) -> Refusal | None:
    """Returns why a subject's pods are left alone for a while: stopping the last ones did not help.

    Args:
        decisions: What was done on this rung for the subject, oldest first.
        now: The present moment.
    """
    judged = [one for one in decisions if one.verdict == TAKEN and one.achieved_watts is not None]
    last = judged[-JUDGED_ACTIONS:]
    if len(last) < JUDGED_ACTIONS or now - (parse_time(last[-1].at) or now) > COOL_DOWN:
        return None
    expected = sum(one.expected_watts for one in last)
    achieved = sum(one.achieved_watts or 0 for one in last)
    if 100 * achieved >= LEAST_PERCENT * expected:
        return None
    text = (
        f"the last {len(last)} actions freed {achieved:,} W of the {expected:,} W expected: nothing more"
        f" for {COOL_DOWN.total_seconds() / 60:g} minutes; see whether replacements start at once elsewhere"
    )
    return Refusal("NoEffect", text)
