"""What a domain's status says that somebody should know of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from admission.alerts.facts.fact import Fact, being_deleted, condition_in
from common.alerts.notice import CRITICAL, WARNING
from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.meta import parse_time
from common.api.policy import MODE_AUTO, MODE_OFF
from common.api.reference import reference


def domain_facts(domain: PowerDomain, now: datetime) -> Iterator[Fact]:
    """Yields the facts of one domain."""
    if being_deleted(domain):
        return
    yield from _draw(domain)
    yield from _not_held(domain)
    yield from _silent(domain, now)
    yield from _conditions(domain)


def _draw(domain: PowerDomain) -> Iterator[Fact]:
    observed, cap = domain.status.observed, _cap_watts(domain)
    if observed is None or cap is None:
        return
    subject, advice = reference(POWER_DOMAINS, domain), _draw_advice(domain)
    if observed.power_watts > cap:
        summary = f"PowerDomain {domain.name} draws more than its cap"
        detail = f"{observed.power_watts:,} W of {cap:,} W: {observed.power_watts - cap:,} W too much"
        yield Fact("DomainOverCap", CRITICAL, subject, summary, detail, advice)
    elif observed.forecast_watts > cap and not _held(domain):
        summary = f"PowerDomain {domain.name} is expected to break its cap"
        detail = f"draws {observed.power_watts:,} W, expected {observed.forecast_watts:,} W, of {cap:,} W"
        yield Fact("DomainBreachExpected", WARNING, subject, summary, detail, advice)


def _held(domain: PowerDomain) -> bool:
    """Whether limits keep the draw under the cap: what is expected is then work for them, and no danger."""
    auto = domain.spec.update_policy.update_mode == MODE_AUTO
    return auto and condition_in(domain.status.conditions, "Enforced", "True") is not None


def _draw_advice(domain: PowerDomain) -> str:
    if domain.spec.update_policy.update_mode == MODE_OFF:
        return (
            "The domain only advises: set spec.updatePolicy.updateMode: Auto to have the cap held,"
            f" or take the advice of PowerPlan {domain.name}."
        )
    return f"See kubectl describe powerdomain {domain.name}: its conditions name the nodes that do not obey."


def _not_held(domain: PowerDomain) -> Iterator[Fact]:
    refused = condition_in(domain.status.conditions, "Enforced", "False")
    if refused is None or domain.spec.update_policy.update_mode != MODE_AUTO:
        return
    summary = f"PowerDomain {domain.name}: the cap is not held"
    advice = "Cure what the message names; until then no node of the domain is given more."
    yield Fact("CapNotHeld", CRITICAL, reference(POWER_DOMAINS, domain), summary, refused.message, advice)


def _silent(domain: PowerDomain, now: datetime) -> Iterator[Fact]:
    """The lease of the grants runs out: after it every node falls to its base."""
    enforcement = domain.status.enforcement
    heartbeat = parse_time(enforcement.heartbeat_time) if enforcement else None
    if heartbeat is None or domain.spec.update_policy.update_mode != MODE_AUTO:
        return
    age, lease = (now - heartbeat).total_seconds(), domain.spec.lease_duration_seconds
    if age <= lease / 2:
        return
    lost = age > lease
    summary = f"PowerDomain {domain.name}: {'the lease is lost' if lost else 'no heartbeat'}"
    detail = f"no heartbeat of the actuator since {heartbeat:%Y-%m-%d %H:%M:%S} UTC; the lease is {lease} s"
    advice = "Nodes hold their base now." if lost else "At its end nodes fall to their base."
    yield Fact(
        "HeartbeatLost", CRITICAL if lost else WARNING, reference(POWER_DOMAINS, domain), summary, detail,
        f"{advice} Bring the actuator and its way to the API server back.",
    )  # fmt: skip


def _conditions(domain: PowerDomain) -> Iterator[Fact]:
    subject = reference(POWER_DOMAINS, domain)
    stale = condition_in(domain.status.conditions, "TelemetryStale", "True")
    if stale is not None:
        summary = f"PowerDomain {domain.name} is judged by telemetry that is too old"
        advice = "Find out why the source is silent; until it is back nothing is raised."
        yield Fact("TelemetryStale", WARNING, subject, summary, stale.message, advice)
    broken = condition_in(domain.status.conditions, "TreeValid", "False")
    if broken is not None:
        summary = f"PowerDomain {domain.name} has no valid place in the tree"
        advice = "Correct spec.parent or spec.nodeSelector; the last valid tree stays in force."
        yield Fact("TreeInvalid", WARNING, subject, summary, broken.message, advice)


def _cap_watts(domain: PowerDomain) -> int | None:
    """The effective cap where the actuator works it out, else the one that people wrote."""
    enforcement = domain.status.enforcement
    if enforcement is not None and enforcement.effective_cap_watts:
        return enforcement.effective_cap_watts
    return domain.spec.cap_watts
