"""A node's slow share of the caps above it: what pods may plan with, while grants move every second."""

from __future__ import annotations

from collections.abc import Iterable

from common.api.domain import PowerDomain
from common.api.policy import MODE_AUTO


def planning_share_watts(base_watts: int, chain: Iterable[PowerDomain]) -> int | None:
    """Returns ``min(base · C / B)`` over the domains that bind a node, in whole watts.

    With C a domain's own cap as people wrote it (schedules, brakes and load targets pass, pods stay) and B
    the sum of its bases, the shares of its nodes sum to C at most; who needs more at least gets more.

    Args:
        base_watts: The node's base.
        chain: The node's domain and everything above it.

    Returns:
        None where no domain in mode Auto has both a cap and the actuator's word on its bases.
    """
    shares = [
        base_watts * domain.spec.cap_watts // domain.status.enforcement.base_watts
        for domain in chain
        if domain.spec.update_policy.update_mode == MODE_AUTO
        and domain.spec.cap_watts is not None
        and domain.status.enforcement is not None
        and domain.status.enforcement.base_watts > 0
    ]
    return min(shares, default=None)
