"""What may be done with a service: replicas and clocks, with the throughput, latency and watts of each."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from recommender.planner.service_state import ServiceState

SPEEDS = (1.0, 0.9, 0.8, 0.7, 0.6)
"""Clocks relative to the top; under 0.6, leakage eats what lower voltage saves."""
MOST_COUNTS = 48
"""Different replica counts per service; more are thinned out evenly."""
UNMEASURED_TOKENS_PER_JOULE = 1.0
"""What a watt of a service without measurements is taken to serve, so that it is neither free nor worthless."""


@dataclass(frozen=True)
class Option:
    """One way to run a service.

    Attributes:
        replicas: How many.
        replica_watts: What each may draw: its cap, at the quantile that is planned for.
        expected_watts: What all draw on average.
        tokens_per_second: Served within the latency target.
        seconds_between_tokens: Expected; NaN where nothing is known.
        speed: Clocks relative to the top.
    """

    replicas: int
    replica_watts: float
    expected_watts: float
    tokens_per_second: float
    seconds_between_tokens: float
    speed: float

    @property
    def watts(self) -> float:
        """What all replicas may draw."""
        return self.replicas * self.replica_watts


def options_of(service: ServiceState) -> list[Option]:
    """Returns the options of a service, at least one, minimum replicas kept in all."""
    if service.model is None:
        return _unmeasured(service)
    found = [_option(service, count, speed) for count in _counts(service) for speed in SPEEDS]
    return [one for one in found if one is not None] or [_overloaded(service)]


def _counts(service: ServiceState) -> list[int]:
    assert service.model is not None
    slowest = max(service.model.capacity(speed, service.target_seconds) for speed in SPEEDS[-2:])
    fastest = service.model.capacity(1.0, service.target_seconds)
    capacity = slowest or fastest
    wanted = math.ceil(service.tokens_per_second / capacity) if capacity > 0 else service.replicas
    most = max(service.least_replicas, min(service.most_replicas, max(wanted, 1)))
    counts = np.linspace(service.least_replicas, most, min(MOST_COUNTS, most - service.least_replicas + 1))
    present = min(max(service.replicas, service.least_replicas), most)
    return sorted({*np.rint(counts).astype(int).tolist(), present})


def _option(service: ServiceState, replicas: int, speed: float) -> Option | None:
    model = service.model
    assert model is not None
    capacity = model.capacity(speed, service.target_seconds)
    if capacity <= 0:
        return None
    each = min(capacity, service.tokens_per_second / replicas) if replicas else 0.0
    return Option(
        replicas=replicas,
        replica_watts=model.upper_watts(each, speed),
        expected_watts=replicas * model.expected_watts(each, speed),
        tokens_per_second=replicas * each,
        seconds_between_tokens=model.seconds_between_tokens(each, speed) if replicas else math.nan,
        speed=speed,
    )


def _overloaded(service: ServiceState) -> Option:
    """Its latency target cannot be met at any clocks: the least that it must keep, and none of it counts."""
    model = service.model
    assert model is not None
    each = service.tokens_per_second / max(1, service.least_replicas)
    most = model.most_requests / (model.step_seconds + model.request_seconds * model.most_requests)
    each = min(each, most)
    return Option(
        replicas=service.least_replicas,
        replica_watts=model.upper_watts(each, 1.0),
        expected_watts=service.least_replicas * model.expected_watts(each, 1.0),
        tokens_per_second=0.0,
        seconds_between_tokens=model.seconds_between_tokens(each, 1.0),
        speed=1.0,
    )


def _unmeasured(service: ServiceState) -> list[Option]:
    watts = service.nameplate_watts
    low, high = sorted((service.least_replicas, service.replicas))
    low = service.least_replicas
    return [
        Option(count, watts, count * watts, count * watts * UNMEASURED_TOKENS_PER_JOULE, math.nan, 1.0)
        for count in range(low, max(low, high) + 1)
    ]
