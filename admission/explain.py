"""The annotation that tells a user what was done to his pod, why, and how to have it left alone."""

from __future__ import annotations

from collections.abc import Sequence

from common.api.names import ANNOTATION_OPT_OUT, ANNOTATION_WATTS, WATTS_RESOURCE
from common.api.policy import PowerCappingPolicy

_OPT_OUT = f'Annotate the pod with {ANNOTATION_OPT_OUT}: "true" to have it left alone.'


def resource_claim(watts: int, container: str) -> str:
    """Returns the opening words that vouch for watts set by us as a resource of a container."""
    return f'Reserved {watts} W on container "{container}" as {WATTS_RESOURCE}'


def annotation_claim(watts: int) -> str:
    """Returns the opening words that vouch for watts set by us as an annotation."""
    return f"Reserved {watts} W in annotation {ANNOTATION_WATTS}, as no node for it offers {WATTS_RESOURCE}"


def reserved(claim: str, policy: PowerCappingPolicy, reasons: Sequence[str]) -> str:
    """Returns the whole explanation of a reservation."""
    return f"{claim}: {'; '.join(reasons)}. {_because(policy)} {_OPT_OUT}"


def kept(place: str, policy: PowerCappingPolicy) -> str:
    """Returns the explanation for a pod whose user set the watts himself."""
    return f"Kept the watts that {place} sets itself. {_because(policy)}"


def _because(policy: PowerCappingPolicy) -> str:
    mode = policy.spec.update_policy.update_mode
    return f'Policy "{policy.name}" (mode {mode}) selects this pod.'
