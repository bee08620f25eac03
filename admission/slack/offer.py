"""What is shown before an approval is confirmed. Pure."""

from __future__ import annotations

from admission.slack.approval import Plan
from admission.slack.reply import Reply
from common.alerts.slack_buttons import CANCEL, CONFIRM, ButtonValue, encode
from common.alerts.slack_text import actions, button, escape
from common.api.policy import POLICIES


def offer(plan: Plan) -> Reply:
    """Returns the plan in words, with a button that confirms this very plan and one that does not."""
    meta = plan.policy.metadata
    value = ButtonValue(
        kind=POLICIES.kind, namespace=meta.namespace, name=meta.name, minutes=plan.minutes, plan=plan.digest
    )
    lines = "\n".join(f"• `{escape(line)}`" for line in plan.lines())
    text = (
        f"*{POLICIES.kind} {escape(plan.policy.key)}*: for {plan.minutes} minutes this would set\n{lines}\n"
        "and then take it back. The API server has checked it; nothing is changed yet."
    )
    confirm = button("Approve now", CONFIRM, encode(value), "primary")
    return Reply(text, [actions(confirm, button("Cancel", CANCEL, "cancel"))])
