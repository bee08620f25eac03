"""PowerDomain: a part of the electrical tree (cluster, row, rack) with a cap that must hold."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from common.api.meta import Condition, KubeObject, Struct
from common.api.names import DEFAULT_LEASE_SECONDS, GROUP, VERSION
from common.api.policy import MODE_OFF
from common.api.resource import Resource
from common.api.selector import LabelSelector


class CapSchedule(Struct, frozen=True):
    """A cap that holds in a recurring window: cron start, duration, IANA time zone."""

    start: str
    duration_seconds: int
    cap_watts: int
    time_zone: str = "UTC"


class LoadTarget(Struct, frozen=True):
    """Demand response: be at so many watts (or percent of the cap) from start to end."""

    watts: int | None = None
    percent: int | None = None
    start_time: str = ""
    end_time: str = ""
    ramp_seconds: int = 0
    correlation_id: str = ""


class HeatTerm(Struct, frozen=True):
    """How much one watt in a domain warms the inlet of this one, in thousandths of a degree per kilowatt."""

    domain: str
    millidegrees_per_kilowatt: int


class HeatRecirculation(Struct, frozen=True):
    """Supply air and the row of the recirculation matrix D that belongs to this domain."""

    supply_temperature: int = 20
    terms: list[HeatTerm] = []


class Oversubscription(Struct, frozen=True):
    """How far nodes may be added beyond the cap; it never changes what is reserved."""

    max_percent: int = 0
    breach_probability_per_million: int = 100


class DomainUpdatePolicy(Struct, frozen=True):
    """Whether the cap is advised or enforced."""

    update_mode: str = MODE_OFF


class DomainSpec(Struct, frozen=True):
    """The electrical facts, written by people."""

    parent: str = ""
    node_selector: LabelSelector | None = None
    cap_watts: int | None = None
    cap_schedules: list[CapSchedule] = []
    minimum_cap_watts: int | None = None
    update_policy: DomainUpdatePolicy = DomainUpdatePolicy()
    load_target: LoadTarget | None = None
    brake_percent: int | None = None
    lease_duration_seconds: int = DEFAULT_LEASE_SECONDS
    max_inlet_temperature: int | None = None
    heat_recirculation: HeatRecirculation | None = None
    oversubscription: Oversubscription | None = None


class Enforcement(Struct, frozen=True, omit_defaults=False):
    """The actuator's word on the cap: heartbeat, effective cap E, granted cap G, sum of bases B."""

    leader_epoch: int = 0
    heartbeat_time: str = ""
    effective_cap_watts: int = 0
    granted_cap_watts: int = 0
    base_watts: int = 0
    reserved_watts: int = 0


class DomainForecast(Struct, frozen=True, omit_defaults=False):
    """Watts expected of a domain within the horizon; the fields are those of a policy's ``forecastPower``."""

    horizon_seconds: int = 0
    median_watts: int = 0
    upper_bound_watts: int = 0
    breach_probability_percent: int | UnsetType = UNSET
    basis: str | UnsetType = UNSET


class DomainAttribution(Struct, frozen=True, omit_defaults=False):
    """Whose the domain's watts are; all but ``estimatedWatts`` sum to ``powerWatts``."""

    pods_watts: int = 0
    idle_watts: int = 0
    unattributed_watts: int = 0
    nameplate_watts: int = 0
    estimated_watts: int = 0


class DomainOversubscription(Struct, frozen=True, omit_defaults=False):
    """What may be promised beyond the cap, and where to throttle so that the draw stays under it."""

    throttle_watts: int = 0
    rise_watts: int = 0
    latency_milliseconds: int = 0
    additional_watts: int = 0
    spare_watts: int = 0
    samples: int = 0
    message: str = ""


class Observed(Struct, frozen=True, omit_defaults=False):
    """The recommender's view: draw, headroom, forecast, hottest inlet."""

    nodes: int = 0
    power_watts: int = 0
    headroom_watts: int = 0
    forecast_watts: int = 0
    forecast: DomainForecast | UnsetType = UNSET
    attribution: DomainAttribution | UnsetType = UNSET
    hottest_inlet: int | UnsetType = UNSET
    placement_score: int | UnsetType = UNSET
    oversubscription: DomainOversubscription | UnsetType = UNSET
    last_updated: str = ""


class DomainStatus(Struct, frozen=True):
    """``enforcement`` belongs to the actuator, ``observed`` to the recommender; conditions by type."""

    conditions: list[Condition] = []
    enforcement: Enforcement | None = None
    observed: Observed | None = None


class PowerDomain(KubeObject, frozen=True):
    """A cluster-scoped power domain."""

    spec: DomainSpec = DomainSpec()
    status: DomainStatus = DomainStatus()


POWER_DOMAINS = Resource(
    kind="PowerDomain", plural="powerdomains", type=PowerDomain, group=GROUP, version=VERSION
)
