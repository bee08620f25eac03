"""How the devices stand to what shall be: watts by the limits that they have, might have, and could have."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from nodeagent.guard.model import GuardDevice, charged_total, minimum_total, nameplate_total
from nodeagent.guard.split import Split
from nodeagent.hardware.targets import Targets


@dataclass(frozen=True)
class Standing:
    """How the devices stand to what shall be.

    Attributes:
        targets: Settings outside of any budget.
        split: The guard's limits under a budget; None without one.
        charged_watts: What the node may draw at the worst, over any second, the rest of it included.
        asked_watts: The same once every limit that was last read has settled.
        nameplate_watts: What it may draw with every limit at its highest.
        minimum_watts: The least that its limits can hold it to.
    """

    targets: Targets
    split: Split | None
    charged_watts: int
    asked_watts: int
    nameplate_watts: int
    minimum_watts: int


def take_standing(
    views: Sequence[GuardDevice],
    failed: Container[str],
    rest_watts: int,
    targets: Targets,
    split: Split | None,
) -> Standing:
    """Returns the standing of this moment.

    Args:
        views: All devices as the guard sees them.
        failed: Devices whose limit cannot be relied on.
        rest_watts: Bound on all that is not a device.
        targets: Settings that shall be outside of any budget.
        split: The guard's limits; None without a budget.
    """
    asked = sum(v.charge(v.limit_watts) if v.writable else v.charged_watts for v in views)
    return Standing(
        targets=targets,
        split=split,
        charged_watts=charged_total(views) + rest_watts,
        asked_watts=asked + rest_watts,
        nameplate_watts=nameplate_total(views) + rest_watts,
        minimum_watts=minimum_total(views, failed) + rest_watts,
    )
