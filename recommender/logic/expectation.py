"""What is expected of a draw, as statuses tell it."""

from __future__ import annotations

import math

import msgspec
from msgspec import UNSET, UnsetType

from common.api.domain import DomainForecast
from common.api.policy import ForecastPower, PolicyStatus
from common.models.outlook import Outlook
from recommender.model.score import Breach


def expect(outlook: Outlook, cap_watts: int | None, most_watts: int) -> ForecastPower:
    """Returns median, upper bound and probability of a breach.

    Args:
        outlook: What may come.
        cap_watts: The cap in force; None for none.
        most_watts: What the devices can draw, or the present draw where that is more: nothing goes beyond.
    """
    upper = min(math.ceil(max(outlook.upper_watts(most_watts), outlook.median_watts)), most_watts)
    return ForecastPower(
        horizon_seconds=int(outlook.horizon_seconds),
        median_watts=min(round(outlook.median_watts), upper),
        upper_bound_watts=upper,
        breach_probability_percent=_breach_percent(outlook, cap_watts, most_watts),
        basis=outlook.basis,
    )


def expect_of_domain(outlook: Outlook, cap_watts: int | None, most_watts: int) -> DomainForecast:
    """Returns the same for a domain."""
    return DomainForecast(**msgspec.structs.asdict(expect(outlook, cap_watts, most_watts)))


def told_breach(status: PolicyStatus) -> Breach | None:
    """Returns the probability of a breach that a status tells, with its cap; None where it tells none."""
    expected, cap = status.forecast_power, status.effective_cap_watts
    if expected is None or cap is None or isinstance(expected.breach_probability_percent, UnsetType):
        return None
    return Breach(cap, expected.breach_probability_percent / 100.0)


def _breach_percent(outlook: Outlook, cap_watts: int | None, most_watts: int) -> int | UnsetType:
    """Returns the probability that the cap breaks; unset where nobody can tell."""
    if cap_watts is None:
        return UNSET
    if outlook.level_watts > cap_watts or most_watts <= cap_watts:
        return 100 if outlook.level_watts > cap_watts else 0
    return UNSET if outlook.too_short else round(100 * outlook.breach_probability(cap_watts))
