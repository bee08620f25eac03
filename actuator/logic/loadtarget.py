"""Where a demand response event stands: announced, on its way, held, let go."""

from __future__ import annotations

from datetime import datetime, timedelta

from common.api.domain import DomainSpec, LoadTarget
from common.api.meta import Condition, parse_time

LOAD_TARGET = "LoadTarget"
RAMPING = "Ramping"
_SETTLING = timedelta(seconds=5)
"""Confirmations of the last step of the ramp take a second or two."""


def load_target_condition(
    spec: DomainSpec, cap_watts: int, booked_watts: int, now: datetime
) -> Condition | None:
    """Returns the condition of a domain's load target; None where it has none, or one that cannot be read.

    True while the domain is held to it; before and after, and while it is not met, False with the reason.

    Args:
        spec: The domain's spec.
        cap_watts: The effective cap, which follows the target.
        booked_watts: What the domain's nodes are booked at.
        now: The present moment.
    """
    target = spec.load_target
    if target is None:
        return None
    start, end = parse_time(target.start_time), parse_time(target.end_time)
    label = f"load target {target.correlation_id}" if target.correlation_id else "load target"
    if start is None or end is None:
        return None
    if now >= end:
        return _condition(
            "False", "Released", f"{label} ended at {target.end_time}: the other caps hold again"
        )
    if now >= start:
        return _running(target, label, (booked_watts, cap_watts), settling=now < start + _SETTLING)
    if now < start - timedelta(seconds=target.ramp_seconds):
        return _condition(
            "False", "Announced", f"{label} asks for {_goal(target)} from {target.start_time} on"
        )
    text = f"{label}: the cap falls to {_goal(target)} until {target.start_time}; it is {cap_watts:,} W now"
    return _condition("False", RAMPING, text)


def _running(target: LoadTarget, label: str, watts: tuple[int, int], *, settling: bool) -> Condition:
    booked, cap = watts
    figures = f"{booked:,} W are booked under {cap:,} W, until {target.end_time}"
    if booked <= cap:
        return _condition("True", "Held", f"{label} is held: {figures}")
    if settling:
        return _condition("False", RAMPING, f"{label}: nodes are yet to confirm: {figures}")
    return _condition("False", "NotReached", f"{label} is not reached: {figures}")


def _goal(target: LoadTarget) -> str:
    return f"{target.watts:,} W" if target.watts is not None else f"{target.percent} % of the cap"


def _condition(status: str, reason: str, message: str) -> Condition:
    return Condition(type=LOAD_TARGET, status=status, reason=reason, message=message)
