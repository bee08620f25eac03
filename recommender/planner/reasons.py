"""Why a service gets what it gets, in a sentence."""

from __future__ import annotations

from typing import NamedTuple

from recommender.planner.options import Option, Options
from recommender.planner.service_state import ServiceState

_ALL = 0.999


class Tight(NamedTuple):
    """The cap over a service, and the watts that the plan leaves of it."""

    cap_watts: float
    left_watts: float


def reason(service: ServiceState, options: Options, chosen: Option | None, tight: Tight) -> str:
    """Says what decided the row.

    Args:
        service: Whose.
        options: That it had.
        chosen: The one it got; None for none.
        tight: The cap over it.
    """
    if chosen is None:
        return (
            f"its minimum of {service.least_replicas} replicas needs {options.least_watts:.0f} W,"
            " more than the cap leaves after the minimums of others"
        )
    if service.model is None:
        return _unmeasured(service, chosen)
    if chosen.tokens_per_second <= 0 < service.tokens_per_second:
        target = f"{1000 * service.target_seconds:.0f} ms between tokens"
        if service.first_target_seconds is not None:
            target += f" and {1000 * service.first_target_seconds:.0f} ms to the first"
        return f"{target} cannot be kept at any clocks: full clocks, and late tokens count a tenth"
    served = chosen.tokens_per_second / service.tokens_per_second if service.tokens_per_second else 1.0
    share = f"serves {100 * served:.0f} % of {service.tokens_per_second:.0f} tokens/s"
    limit = _limit(service, chosen, served, tight)
    return f"{share} at {100 * chosen.speed:.0f} % clocks; {limit}"


def _unmeasured(service: ServiceState, chosen: Option) -> str:
    counted = f"nothing measured yet: counted at {service.nameplate_watts:.0f} W a replica"
    if chosen.replicas < service.replicas:
        return f"{counted}; the cap leaves watts for {chosen.replicas} of {service.replicas}"
    return f"{counted}, left as it is"


def _limit(service: ServiceState, chosen: Option, served: float, tight: Tight) -> str:
    if served >= _ALL:
        return "fewest joules per token for all of its load"
    if chosen.replicas >= service.most_replicas:
        return f"its maximum is {service.most_replicas} replicas"
    if tight.left_watts < chosen.replica_watts:
        return f"more would break the cap of {tight.cap_watts:.0f} W"
    return "what is left would cost too many watts"
