"""How the devices stand to what shall be: watts by the limits that they have, might have, and could have."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from nodeagent.guard.model import GuardDevice, charged_total, minimum_total, nameplate_total
from nodeagent.guard.restbound import StandingRest
from nodeagent.guard.split import Split
from nodeagent.hardware.targets import Targets
from nodeagent.obedience.confirm import Powers


@dataclass(frozen=True)
class Standing:
    """How the devices stand to what shall be.

    Attributes:
        targets: Settings outside of any budget.
        split: The guard's limits under a budget; None without one.
        charged_watts: What the node may draw at the worst, over any second, the rest of it included.
        asked_watts: The same once every limit that was last read has settled.
        nameplate_watts: What it may draw with every limit at its highest.
        minimum_watts: The least that its limits can hold it to, with the rest as it is bound now.
        rest: The bound on all that is not a device.
    """

    targets: Targets
    split: Split | None
    charged_watts: int
    asked_watts: int
    nameplate_watts: int
    minimum_watts: int
    rest: StandingRest

    @property
    def powers(self) -> Powers:
        """The watts that a confirmation is made of.

        Base is chosen by the least that is sure: with the rest at its highest, since what was learned of it
        may be lost.
        """
        sure = self.minimum_watts - self.rest.watts + self.rest.highest_watts
        return Powers(self.charged_watts, self.nameplate_watts, self.minimum_watts, sure)


def take_standing(
    views: Sequence[GuardDevice],
    failed: Container[str],
    rest: StandingRest,
    targets: Targets,
    split: Split | None,
) -> Standing:
    """Returns the standing of this moment.

    Args:
        views: All devices as the guard sees them.
        failed: Devices whose limit cannot be relied on.
        rest: Bound on all that is not a device.
        targets: Settings that shall be outside of any budget.
        split: The guard's limits; None without a budget.
    """
    asked = sum(v.charge(v.limit_watts) if v.writable else v.charged_watts for v in views)
    return Standing(
        targets=targets,
        split=split,
        charged_watts=charged_total(views) + rest.watts,
        asked_watts=asked + rest.watts,
        nameplate_watts=nameplate_total(views) + rest.highest_watts,
        minimum_watts=minimum_total(views, failed) + rest.watts,
        rest=rest,
    )
