"""Bodies for server-side apply: exactly the fields that the recommender owns."""

from __future__ import annotations

from typing import Any

from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.meta import KubeObject, to_builtins
from common.api.names import MANAGER_RECOMMENDER
from common.api.plan import POWER_PLANS, PlanSpec, PlanStatus
from common.api.policy import POLICIES, PolicyStatus, PowerCappingPolicy
from recommender.logic.domains import DomainReport

FIELD_MANAGER = MANAGER_RECOMMENDER

Body = dict[str, Any]


def policy_body(policy: PowerCappingPolicy, status: PolicyStatus) -> Body:
    """Returns the whole status of a policy."""
    return {
        "apiVersion": POLICIES.api_version,
        "kind": POLICIES.kind,
        "metadata": _same_object(policy),
        "status": to_builtins(status),
    }


def domain_body(domain: PowerDomain, report: DomainReport) -> Body:
    """Returns ``observed`` and the recommender's own conditions; the rest is the actuator's."""
    return {
        "apiVersion": POWER_DOMAINS.api_version,
        "kind": POWER_DOMAINS.kind,
        "metadata": _same_object(domain),
        "status": {
            "observed": to_builtins(report.observed),
            "conditions": [to_builtins(condition) for condition in report.conditions],
        },
    }


def plan_body(name: str, spec: PlanSpec, domain: PowerDomain) -> Body:
    """Returns a plan to be made; it goes when its domain goes."""
    owner = {
        "apiVersion": POWER_DOMAINS.api_version,
        "kind": POWER_DOMAINS.kind,
        "name": domain.name,
        "uid": domain.metadata.uid,
    }
    return {
        "apiVersion": POWER_PLANS.api_version,
        "kind": POWER_PLANS.kind,
        "metadata": {"name": name, "ownerReferences": [owner]},
        "spec": {"domain": spec.domain, "shard": spec.shard},
    }


def plan_status_body(name: str, status: PlanStatus) -> Body:
    """Returns the status of a plan."""
    return {
        "apiVersion": POWER_PLANS.api_version,
        "kind": POWER_PLANS.kind,
        "metadata": {"name": name},
        "status": to_builtins(status),
    }


def _same_object(live: KubeObject) -> Body:
    """Addresses an object by uid too, so that a status never lands on a namesake made since."""
    metadata = {"name": live.name, "uid": live.metadata.uid}
    return {**metadata, "namespace": live.namespace} if live.namespace else metadata
