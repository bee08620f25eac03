"""What may be done with a service: replicas and clocks, with the throughput, latency and watts of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.planner.service_state import ServiceState

Array = NDArray[np.float64]

MOST_COUNTS = 48
"""Different replica counts per service; more are thinned out evenly."""
UNMEASURED_TOKENS_PER_JOULE = 1.0
"""What a watt of a service without measurements counts as: neither free nor worthless."""
LATE_WORTH = 0.1
"""What a token that misses its latency target counts as: less than one in time, more than none.

With none, a service that is late would be cut to its minimum, be later still, and never come back.
"""


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


@dataclass(frozen=True)
class Options:
    """All options of one service as columns, each of shape (options,); units as in ``Option``."""

    replicas: Array
    replica_watts: Array
    expected_watts: Array
    tokens_per_second: Array
    speed: Array
    late_tokens_per_second: Array | None = None
    """Served, but not within the latency target; None for none."""

    @property
    def worth_tokens_per_second(self) -> Array:
        """What throughput counts as where services compete."""
        late = self.late_tokens_per_second
        return self.tokens_per_second if late is None else self.tokens_per_second + LATE_WORTH * late

    @property
    def watts(self) -> Array:
        """What all replicas may draw."""
        return self.replicas * self.replica_watts

    @property
    def least_watts(self) -> float:
        """Of the smallest option."""
        return float(self.watts.min())

    def option(self, service: ServiceState, index: int) -> Option:
        """Returns one of them, its latency worked out."""
        replicas, tokens = int(self.replicas[index]), float(self.tokens_per_second[index])
        speed, seconds = float(self.speed[index]), math.nan
        if service.model is not None and replicas:
            load = tokens or service.tokens_per_second
            seconds = service.model.seconds_between_tokens(load / replicas, speed)
        watts, expected = float(self.replica_watts[index]), float(self.expected_watts[index])
        return Option(replicas, watts, expected, tokens, seconds, speed)


def options_of(service: ServiceState) -> Options:
    """Returns the options of a service, at least one, minimum replicas kept in all."""
    model = service.model
    if model is None:
        return _unmeasured(service)
    speeds = np.array(service.speeds)
    targets = (service.target_seconds, service.first_target_seconds)
    capacity = np.array([model.capacity(speed, *targets) for speed in service.speeds])
    able = capacity > 0
    if not able.any():
        return _overloaded(service)
    counts = _counts(service, float(capacity[able].min()))
    replicas = np.repeat(counts, int(able.sum()))
    speed = np.tile(speeds[able], len(counts))
    each = np.minimum(
        np.tile(capacity[able], len(counts)), service.tokens_per_second / np.maximum(replicas, 1.0)
    )
    return _table(service, replicas, each, speed)


def _table(service: ServiceState, replicas: Array, each: Array, speed: Array) -> Options:
    assert service.model is not None
    upper = np.ceil(service.model.upper_watts(each, speed))  # limits are whole watts
    expected = replicas * service.model.expected_watts(each, speed)
    return Options(replicas, upper, expected, replicas * each, speed)


def _counts(service: ServiceState, least_capacity: float) -> Array:
    wanted = math.ceil(service.tokens_per_second / least_capacity)
    least = service.least_replicas
    most = max(least, min(service.most_replicas, max(wanted, 1)))
    counts = np.rint(np.linspace(least, most, min(MOST_COUNTS, most - least + 1)))
    return np.unique(np.append(counts, np.clip(service.replicas, least, most)))


def _overloaded(service: ServiceState) -> Options:
    """Its target cannot be kept at any clocks: full clocks, and what it serves late counts a little."""
    model = service.model
    assert model is not None
    most = model.most_requests / (model.step_seconds + model.request_seconds * model.most_requests)
    counts = _counts(service, most)
    each = np.minimum(service.tokens_per_second / np.maximum(counts, 1.0), most)
    found = _table(service, counts, each, np.ones(len(counts)))
    return replace(
        found, tokens_per_second=np.zeros(len(counts)), late_tokens_per_second=found.tokens_per_second
    )


def _unmeasured(service: ServiceState) -> Options:
    most = max(service.least_replicas, service.replicas)
    replicas = np.arange(service.least_replicas, most + 1, dtype=np.float64)
    watts = np.full(len(replicas), service.nameplate_watts)
    total = replicas * watts
    return Options(replicas, watts, total, total * UNMEASURED_TOKENS_PER_JOULE, np.ones(len(replicas)))


def stack(options: Sequence[Options], of: Sequence[Array], absent: float) -> Array:
    """Returns columns as rows of equal length, filled up with ``absent``, shape (services, options)."""
    table = np.full((len(options), max(len(one.replicas) for one in options)), absent)
    for row, column in zip(table, of, strict=True):
        row[: len(column)] = column
    return table
