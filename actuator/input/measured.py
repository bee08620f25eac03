"""When the draw of each subject was measured: what an action has freed is told by a later measurement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from actuator.input.levels import NODE, POLICY, split
from actuator.input.picture import Picture
from actuator.ladder.scene import Level
from common.api.meta import parse_time


def measured(picture: Picture, levels: Iterable[Level]) -> dict[str, tuple[int, datetime]]:
    """Returns draw in watts and time of measurement by subject; those without a time are left out."""
    policies = {policy.key: policy.status.last_updated for policy in picture.policies}
    found = {}
    for level in levels:
        at = parse_time(_stamp(picture, policies, level.subject))
        if at is not None:
            found[level.subject] = (level.draw_watts, at)
    return found


def _stamp(picture: Picture, policies: dict[str, str], subject: str) -> str:
    kind, key = split(subject)
    if kind == POLICY:
        return policies.get(key, "")
    if kind == NODE:
        return picture.objects[key].status.last_updated
    observed = picture.domains[key].status.observed
    return observed.last_updated if observed else ""
