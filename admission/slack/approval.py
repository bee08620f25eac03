"""What an approval would change on a policy, and whether it may. Pure.

An approval adds levers that stop no pod and sets mode ``Auto``, for a bounded time, as a field manager of its
own. ``levers`` is a set to server-side apply: ending the approval takes back what it added, and nothing else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common.api.approval import Approval, approval_of, encode_approval
from common.api.meta import rfc3339
from common.api.names import ANNOTATION_APPROVAL, ANNOTATION_PAUSE
from common.api.policy import MODE_AUTO, MODE_OFF, PowerCappingPolicy


@dataclass(frozen=True)
class Bounds:
    """How far an approval may go: these levers, so long at most."""

    levers: tuple[str, ...]
    minutes: int
    minutes_most: int


class NotApprovable(ValueError):  # noqa: N818 - named after what it is
    """Why nothing is changed, and what would help."""


@dataclass(frozen=True)
class Plan:
    """What would be changed.

    Attributes:
        policy: The policy as it was seen.
        adds: Levers that it does not name yet, in order.
        sets_mode: Whether ``updateMode`` becomes ``Auto``.
        minutes: For how long.
    """

    policy: PowerCappingPolicy
    adds: tuple[str, ...]
    sets_mode: bool
    minutes: int

    @property
    def digest(self) -> str:
        """The same for the same change of the same spec."""
        meta = self.policy.metadata
        text = f"{meta.uid}/{meta.generation}/{','.join(self.adds)}/{self.sets_mode}/{self.minutes}"
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def lines(self) -> list[str]:
        """Returns what would change, a line for each field."""
        update = self.policy.spec.update_policy
        lines = (
            [f"spec.updatePolicy.updateMode: {update.update_mode} → {MODE_AUTO}"] if self.sets_mode else []
        )
        if self.adds:
            before = ", ".join(update.levers) or "none"
            lines.append(f"spec.updatePolicy.levers: {before} → {', '.join([*update.levers, *self.adds])}")
        return lines


def plan_approval(policy: PowerCappingPolicy, minutes: int | None, bounds: Bounds) -> Plan:
    """Returns what approving the policy's advice would change.

    Raises:
        NotApprovable: It may not, or there is nothing to approve.
    """
    _check(policy, bounds)
    wanted = minutes or bounds.minutes
    if wanted > bounds.minutes_most:
        raise NotApprovable(
            f"{wanted} minutes are too long: {bounds.minutes_most} at most. Edit the policy for good instead."
        )
    update = policy.spec.update_policy
    adds = tuple(lever for lever in bounds.levers if lever not in update.levers)
    sets_mode = update.update_mode != MODE_AUTO
    if not adds and not sets_mode:
        raise NotApprovable("its mode is Auto and names these levers already: there is nothing to approve.")
    return Plan(policy, adds, sets_mode, wanted)


def _check(policy: PowerCappingPolicy, bounds: Bounds) -> None:
    if policy.metadata.deletion_timestamp:
        raise NotApprovable("it is being deleted.")
    if policy.metadata.annotations.get(ANNOTATION_PAUSE) == "true":
        raise NotApprovable(f'it is paused: remove the annotation {ANNOTATION_PAUSE}="true" first.')
    approval = approval_of(policy)
    if approval is not None:
        raise NotApprovable(
            f"{approval.by or 'somebody'} approved it until {approval.until}; revoke that first."
        )
    update = policy.spec.update_policy
    others = [lever for lever in update.levers if lever not in bounds.levers]
    if others and update.update_mode != MODE_AUTO:
        raise NotApprovable(
            f"it names {', '.join(others)}, which mode Auto would switch on, too, and which cannot be"
            " approved here. Edit the policy instead."
        )


def approving_body(plan: Plan, live: PowerCappingPolicy, by: str, now: datetime) -> dict[str, Any]:
    """Returns what to apply; conditional on the very version that was planned for."""
    levers = sorted({*plan.adds})
    until = rfc3339(now + timedelta(minutes=plan.minutes))
    before = live.spec.update_policy.update_mode
    approval = Approval(by=by, until=until, levers=levers, mode_before=before)
    update: dict[str, Any] = {"levers": levers} if levers else {}
    if plan.sets_mode:
        update["updateMode"] = MODE_AUTO
    annotations = {ANNOTATION_APPROVAL: encode_approval(approval)}
    return {
        "metadata": {**_address(live), "annotations": annotations},
        "spec": {"updatePolicy": update},
    }


def ending_body(live: PowerCappingPolicy, *, mode: str = "") -> dict[str, Any]:
    """Returns what to apply when an approval ends: nothing but the mode before it, where that is no default.

    Args:
        live: The policy as it is.
        mode: Written whatever the mode is now; for a policy that is not valid without.
    """
    approval = approval_of(live) or Approval()
    before = mode or approval.mode_before
    present = live.spec.update_policy.update_mode
    ours = present == MODE_AUTO and before not in (MODE_OFF, MODE_AUTO)
    update = {"updateMode": before} if mode or ours else {}
    return {"metadata": _address(live), "spec": {"updatePolicy": update} if update else {}}


def ended(policy: PowerCappingPolicy, now: datetime) -> bool:
    """Whether the policy bears an approval that is over; one that cannot be read is."""
    approval = approval_of(policy)
    return approval is not None and not policy.metadata.deletion_timestamp and approval.is_over(now)


def _address(policy: PowerCappingPolicy) -> dict[str, str]:
    meta = policy.metadata
    return {
        "name": meta.name,
        "namespace": meta.namespace,
        "uid": meta.uid,
        "resourceVersion": meta.resource_version,
    }
