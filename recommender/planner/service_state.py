"""What the planner knows of a service, and what it wants of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from common.api.policy import PolicySpec
from common.models.serving import ReplicaModel

ALL_SPEEDS = (1.0, 0.9, 0.8, 0.7, 0.6)
"""Clocks relative to the top; under 0.6, leakage eats what lower voltage saves."""


class ServiceKey(NamedTuple):
    """Namespace and name of a Deployment."""

    namespace: str
    name: str


@dataclass(frozen=True)
class ServiceState:
    """One Deployment.

    Attributes:
        key: Which.
        replicas: It has now, as its spec says.
        least_replicas: It must keep.
        most_replicas: It may have.
        priority: Higher comes first when watts are short.
        target_seconds: Between tokens, at most.
        tokens_per_second: Asked for by its users: served now, and waiting.
        model: Of one replica; None where nothing has been measured.
        nameplate_watts: What a replica of which nothing is known counts as.
        first_target_seconds: To the first token, at most; None without a target.
        speeds: Clocks relative to the top that its GPUs may be held to; 1 alone where nothing holds them.
    """

    key: ServiceKey
    replicas: int
    least_replicas: int
    most_replicas: int
    priority: int
    target_seconds: float
    tokens_per_second: float
    model: ReplicaModel | None
    nameplate_watts: float
    speeds: tuple[float, ...] = ALL_SPEEDS
    first_target_seconds: float | None = None


def first_target_of(spec: PolicySpec) -> float | None:
    """Returns a policy's target to the first token in seconds; None without one."""
    target = spec.time_to_first_token_milliseconds
    return target / 1000.0 if target else None


@dataclass(frozen=True)
class Weights:
    """What a watt, a change and a replica weigh against each other; throughput comes before all of them.

    Attributes:
        usd_per_kwh: Price of electricity.
        gco2_per_kwh: Carbon of electricity.
        usd_per_replica_hour: What a replica costs beside electricity.
        watts_per_usd_hour: How many watts are worth spending to save one dollar an hour.
        watts_per_gco2_hour: How many watts are worth spending to save one gram an hour.
        start_seconds: A replica draws its full watts so long before it serves.
        hold_seconds: How long a plan is expected to hold: a start is spread over this time.
    """

    usd_per_kwh: float = 0.0
    gco2_per_kwh: float = 0.0
    usd_per_replica_hour: float = 0.0
    watts_per_usd_hour: float = 0.0
    watts_per_gco2_hour: float = 0.0
    start_seconds: float = 120.0
    hold_seconds: float = 900.0

    @property
    def watts_factor(self) -> float:
        """What a watt weighs, money and carbon included."""
        return (
            1.0
            + (self.usd_per_kwh * self.watts_per_usd_hour + self.gco2_per_kwh * self.watts_per_gco2_hour)
            / 1000.0
        )

    @property
    def replica_watts(self) -> float:
        """What a replica weighs beside its watts."""
        return self.usd_per_replica_hour * self.watts_per_usd_hour
