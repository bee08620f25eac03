"""Verdicts in plain words: what holds, with watts, and why."""

from __future__ import annotations

from dataclasses import replace

from common.api.domain import PowerDomain
from common.api.frequencies import PowerBudget
from common.domains.budget import domain_factor
from nodeagent.obedience.lease import Lease
from nodeagent.obedience.memory import Memory
from nodeagent.obedience.verdict import Claim, Course, Verdict

OBJECT_GONE = "the grant's object is gone without a release; the actuator must write a new grant"
UNTRUSTED = "the grant went back to an older one; a newer sequence from the actuator ends this"
REBOOTED = "the node was rebooted, and the cluster has not been reached since"
HELD_TOO_LONG = "the cluster has not been reached since the start, and the lease of the last grant is over"


def domain_unknown(domain: str) -> str:
    """Returns why a grant under a missing or broken domain does not count."""
    return f"nobody vouches for the grant: PowerDomain {domain!r}, or one above it, is missing or in a circle"


def lease_over(lease: Lease) -> str:
    """Returns why a grant without a heartbeat does not count."""
    if not lease.heartbeat_time:
        return f"the actuator has not vouched for domain {lease.domain} yet"
    return (
        f"domain {lease.domain} had its last heartbeat at {lease.heartbeat_time}, longer ago than the lease"
    )


def untouched() -> Verdict:
    """Returns the verdict on a node that no grant was ever given to."""
    return Verdict(Course.UNTOUCHED, "NoBudget", "no power budget was ever given: devices stay as found")


def unread() -> Verdict:
    """Returns the verdict before the first read, on a node without memory of a grant."""
    return Verdict(
        Course.HOLD, "Starting", "nothing is written before the first read of the cluster", may_raise=False
    )


def hold(memory: Memory, left_seconds: float) -> Verdict:
    """Returns the verdict between a start and the first read, on a node that held a grant."""
    grant = memory.budget.grant_watts
    return Verdict(
        course=Course.HOLD,
        reason="Starting",
        message=f"limits stay as set, within the {grant:,} W granted before, until the cluster has been read",
        budget_watts=grant,
        may_raise=False,
        lease_left_seconds=left_seconds,
    )


def release(memory: Memory) -> Verdict:
    """Returns the verdict on a node that is let go."""
    claim = Claim(memory.uid, memory.sequence, memory.budget.grant_watts)
    done = "every setting is as it was found" if memory.released else "settings go back to what was found"
    return Verdict(Course.RELEASE, "Released", f"the node is released: {done}", claim=claim)


def unbooked(verdict: Verdict, memory: Memory, nameplate_watts: int) -> Verdict:
    """Returns the verdict on a release that is not booked: caps stay, and nothing is confirmed."""
    booked = f"the release waits: {memory.budget.reserved_watts:,} W are booked for the node"
    why = f"{booked}, which may draw {nameplate_watts:,} W without limits"
    message = f"{verdict.message}; {why}"
    return replace(verdict, reason="ReleaseNotBooked", message=message, may_raise=False, claim=None)


def obeyed(budget: PowerBudget, watts: int, tightest: PowerDomain, *, ramping: bool) -> tuple[str, str]:
    """Returns reason and message of a grant that is obeyed.

    Args:
        budget: The grant.
        watts: What the node may draw of it now.
        tightest: The domain that leaves the smallest part of it.
        ramping: Whether the node is on its way back from base.
    """
    granted = f"{budget.grant_watts:,} W granted"
    if ramping:
        return "ComingBack", f"{granted}, coming back from the base of {budget.base_watts:,} W in a ramp"
    factor = domain_factor(tightest)
    if factor >= 1:
        return "Granted", granted
    percent = int(factor * 100)
    return (
        "Scaled",
        f"{granted}, scaled to {watts:,} W ({percent} % of what is over the base of {budget.base_watts:,} W)"
        f" because domain {tightest.name} was cut{_to(tightest)}",
    )


def _to(domain: PowerDomain) -> str:
    caps = [watts for watts in (domain.spec.cap_watts,) if watts is not None]
    if domain.status.enforcement is not None:
        caps.append(domain.status.enforcement.effective_cap_watts)
    brake = f" with the brake at {domain.spec.brake_percent} %" if domain.spec.brake_percent else ""
    return f" to {min(caps):,} W{brake}" if caps else brake
