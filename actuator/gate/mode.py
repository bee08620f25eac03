"""May this be done? Mode, levers and pause, each refusal with its reason in plain words."""

from __future__ import annotations

from common.api.domain import PowerDomain
from common.api.meta import KubeObject
from common.api.names import ANNOTATION_PAUSE
from common.api.policy import MODE_AUTO, PowerCappingPolicy


def is_paused(item: KubeObject) -> bool:
    """Whether a person asked that nothing be done here for now."""
    return item.metadata.annotations.get(ANNOTATION_PAUSE) == "true"


def policy_refusal(policy: PowerCappingPolicy, lever: str) -> str | None:
    """Returns why a policy's advice may not be acted on with a lever, or None where it may."""
    if policy.metadata.deletion_timestamp:
        return "the policy is being deleted"
    update = policy.spec.update_policy
    if update.update_mode != MODE_AUTO:
        return f"spec.updatePolicy.updateMode is {update.update_mode}: only Auto acts"
    if lever not in update.levers:
        return f"spec.updatePolicy.levers does not name {lever}"
    return None


def domain_refusal(domain: PowerDomain, cap_watts: int | None) -> str | None:
    """Returns why a domain's cap is not to be held, or None where it is."""
    if domain.metadata.deletion_timestamp:
        return "the domain is being deleted"
    mode = domain.spec.update_policy.update_mode
    if mode != MODE_AUTO:
        return f"spec.updatePolicy.updateMode is {mode}: only Auto enforces"
    if cap_watts is None:
        return "no cap is set: set spec.capWatts here or on a domain above"
    return None
