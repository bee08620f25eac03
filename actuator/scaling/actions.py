"""Actions for the lever of ceilings: one that bounds a count, one that gives it back. Pure."""

from __future__ import annotations

from actuator.ladder.action import Action, Rung
from actuator.scaling.transition import Service
from common.api.core import ObjectReference


def bounding(policy: tuple[str, str], service: Service, ceiling: int | None, reason: str) -> Action:
    """Returns the action that brings a service under a ceiling; None leaves it to whoever has changed it."""
    most = service.bound if ceiling is None else ceiling
    return Action(
        key=_key(policy, service.owner),
        rung=Rung.CEILING,
        policy=policy,
        target=service.owner,
        relief_watts=max(0, service.alive - most) * service.watts,
        disruptions=max(0, service.alive - most),
        reason=reason,
        ceiling=ceiling,
    )


def restoration(policy: tuple[str, str], owner: ObjectReference, reason: str) -> Action:
    """Returns the action that gives back what a policy holds of an owner; of any policy for ``("", "")``."""
    return Action(
        key=_key(policy, owner),
        rung=Rung.CEILING,
        policy=policy,
        target=owner,
        relief_watts=0,
        disruptions=0,
        reason=reason,
    )


def _key(policy: tuple[str, str], owner: ObjectReference) -> str:
    part = f"#{owner.field_path}" if owner.field_path else ""
    return f"{'/'.join(policy)}:ceiling:{owner.kind}/{owner.namespace}/{owner.name}{part}"
