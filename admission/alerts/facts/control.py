"""Whether the actuator leads, and whether the webhook is there and has an effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from admission.alerts.facts.fact import Fact
from common.alerts.notice import CRITICAL, WARNING
from common.api.core import LEASES, Lease, ObjectReference, PartialObject
from common.api.meta import parse_time
from common.api.policy import POLICIES, PowerCappingPolicy
from common.api.reference import reference
from common.webhook.effect import SETTLED, is_left_alone, is_marked
from common.webhook.matching import PolicyIndex
from common.webhook.registration import CONFIGURATION_NAME, CONFIGURATIONS

_MISSED_RENEWALS: Final = 3
_RECENT: Final = timedelta(minutes=10)

WEBHOOK: Final = ObjectReference(
    api_version=CONFIGURATIONS.api_version, kind=CONFIGURATIONS.kind, name=CONFIGURATION_NAME
)


def leader_facts(lease: Lease | None, now: datetime) -> Iterator[Fact]:
    """Yields that nobody leads, once the Lease has been without a holder or a renewal for long."""
    if lease is None:
        return
    spec = lease.spec
    renewed = parse_time(spec.renew_time or "")
    allowed = _MISSED_RENEWALS * (spec.lease_duration_seconds or 15)
    if renewed is None or (now - renewed).total_seconds() <= allowed:
        return
    summary = f"No actuator holds Lease {lease.key}"
    detail = f"last renewed {renewed:%Y-%m-%d %H:%M:%S} UTC by {spec.holder_identity or 'nobody since'}"
    advice = "Bring the actuator back: caps hold, but nothing is raised, and brakes are the agents' alone."
    yield Fact("ActuatorWithoutLeader", CRITICAL, reference(LEASES, lease), summary, detail, advice)


def webhook_facts(registered: bool, problem: str) -> Iterator[Fact]:
    """Yields that the webhook is not registered, or does not answer as the API server needs it to.

    Args:
        registered: Whether the configuration exists.
        problem: What went wrong at the last calls; empty where they were answered.
    """
    fails_open = "Pods are created all the same, without watts reserved for them."
    if not registered:
        summary = "The admission webhook is not registered"
        advice = f"{fails_open} Start it with --register, or install its configuration."
        yield Fact("WebhookNotRegistered", WARNING, WEBHOOK, summary, "", advice)
    elif problem:
        summary = "The admission webhook does not answer"
        advice = f"{fails_open} See the log of climatik-admission."
        yield Fact("WebhookUnavailable", CRITICAL, WEBHOOK, summary, problem, advice)


def effect_facts(
    pods: Iterable[PartialObject], policies: PolicyIndex, skipped: frozenset[str], now: datetime
) -> Iterator[Fact]:
    """Yields a fact for each policy whose new pods come out without the webhook's mark.

    Args:
        pods: All pods, by their metadata.
        policies: Policies that act on admission.
        skipped: Namespaces that the webhook is not asked about.
        now: The present.
    """
    seen: dict[str, tuple[PowerCappingPolicy, list[str]]] = {}
    for pod in pods:
        policy = None if pod.namespace in skipped else _unmarked_policy(pod, policies, now)
        if policy is not None:
            seen.setdefault(policy.key, (policy, []))[1].append(pod.name)
    for key, (policy, names) in seen.items():
        summary = f"The webhook has no effect on new pods of policy {key}"
        detail = f"{len(names)} pods of the last ten minutes bear no mark of it, as {names[0]}"
        advice = "Check that the webhook runs, is registered, and that no other webhook removes its marks."
        yield Fact("WebhookWithoutEffect", WARNING, reference(POLICIES, policy), summary, detail, advice)


def _unmarked_policy(pod: PartialObject, policies: PolicyIndex, now: datetime) -> PowerCappingPolicy | None:
    meta = pod.metadata
    made = parse_time(meta.creation_timestamp)
    if made is None or now - made > _RECENT or is_marked(meta) or is_left_alone(meta):
        return None
    policy = policies.match(meta.namespace, meta.labels)
    since = parse_time(policy.metadata.creation_timestamp) if policy else None
    return policy if since is not None and made - since > SETTLED else None
