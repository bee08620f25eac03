"""The buttons under an alert in Slack, and what comes back when one is pressed. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from common.alerts.notice import Notice
from common.alerts.slack_text import Block, actions, button
from common.api.meta import Struct
from common.api.policy import POLICIES

APPROVE: Final = "climatik_approve"
CONFIRM: Final = "climatik_confirm"
CANCEL: Final = "climatik_cancel"
SNOOZE: Final = "climatik_snooze"
EXPLAIN: Final = "climatik_explain"

APPROVABLE: Final = frozenset({"AdviceNotTaken", "PolicyOverCap", "PolicyBreachExpected"})
"""Alerts of policies that switching a lever on may cure."""


class ButtonValue(Struct, frozen=True):
    """What a button carries.

    Attributes:
        kind: Of the object that it is about.
        namespace: Of the object; empty for cluster-scoped kinds.
        name: Of the object.
        alert: The alert's name.
        severity: The alert's severity when it was told.
        minutes: How long; only on the button that confirms.
        plan: Digest of what was shown; only on the button that confirms.
    """

    kind: str
    name: str
    namespace: str = ""
    alert: str = ""
    severity: str = ""
    minutes: int = 0
    plan: str = ""


def alert_buttons(notice: Notice) -> Block:
    """Returns the buttons of an alert that fires."""
    subject = notice.subject
    value = encode(
        ButtonValue(
            kind=subject.kind,
            namespace=subject.namespace,
            name=subject.name,
            alert=notice.name,
            severity=notice.severity,
        )
    )
    approvable = subject.kind == POLICIES.kind and notice.name in APPROVABLE
    first = [button("Approve…", APPROVE, value, "primary")] if approvable else []
    return actions(*first, button("Snooze", SNOOZE, value), button("Explain", EXPLAIN, value))


def encode(value: ButtonValue) -> str:
    """Returns the text that a button carries."""
    return msgspec.json.encode(value).decode()
