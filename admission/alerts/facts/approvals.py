"""Approvals from a chat that were not taken back when their time was over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from admission.alerts.facts.fact import Fact, being_deleted
from common.alerts.notice import WARNING
from common.api.approval import approval_of
from common.api.policy import POLICIES, PowerCappingPolicy
from common.api.reference import reference

_GRACE: Final = timedelta(minutes=2)


def approval_facts(policy: PowerCappingPolicy, now: datetime) -> Iterator[Fact]:
    """Yields that an approval has outlived its end: whatever should have taken it back does not run."""
    approval = approval_of(policy)
    if approval is None or being_deleted(policy) or not approval.is_over(now - _GRACE):
        return
    summary = f"Policy {policy.key}: an approval is over and still in force"
    detail = f"approved by {approval.by or 'somebody'} until {approval.until or 'no time that can be read'}"
    advice = "Bring climatik-slack back; it takes the levers away and puts the former mode back."
    yield Fact("ApprovalNotEnded", WARNING, reference(POLICIES, policy), summary, detail, advice)
