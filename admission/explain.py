"""The annotation that tells a user what was done to his pod, why, and how to have it left alone.

``kubectl describe`` shows the first 140 characters of an annotation: what and why come first.
"""

from __future__ import annotations

from collections.abc import Sequence

from common.api.names import ANNOTATION_OPT_OUT, ANNOTATION_WATTS, WATTS_RESOURCE
from common.api.policy import PowerCappingPolicy


def resource_claim(watts: int, container: str) -> str:
    """Returns the opening words that vouch for watts set by us as a resource of a container."""
    return f'Reserved {watts} W on container "{container}" by policy '


def annotation_claim(watts: int) -> str:
    """Returns the opening words that vouch for watts set by us as an annotation."""
    return f"Reserved {watts} W by annotation (no node to schedule it to offers {WATTS_RESOURCE}) by policy "


def reserved(claim: str, policy: PowerCappingPolicy, reasons: Sequence[str]) -> str:
    """Returns the whole explanation of a reservation."""
    what = f'{claim}"{policy.name}": {"; ".join(reasons)}.'
    mode = policy.spec.update_policy.update_mode
    why = f"The policy selects this pod and is in mode {mode}."
    own = f"Watts of your own ({WATTS_RESOURCE} or {ANNOTATION_WATTS}) would be kept;"
    return f'{what} {why} {own} {ANNOTATION_OPT_OUT}: "true" turns this off.'


def kept(place: str, policy: PowerCappingPolicy) -> str:
    """Returns the explanation for a pod whose user set the watts himself."""
    return f'Kept the watts that {place} sets itself. Policy "{policy.name}" selects this pod.'
