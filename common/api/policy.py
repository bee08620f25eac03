"""PowerCappingPolicy: what a namespace's workloads may draw, and which levers may hold them to it."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from common.api.meta import Condition, KubeObject, Struct
from common.api.names import GROUP, VERSION
from common.api.resource import Resource
from common.api.selector import LabelSelector

MODE_OFF = "Off"
MODE_INITIAL = "Initial"
MODE_AUTO = "Auto"

PLACEMENT_PREFERRED = "Preferred"
PLACEMENT_REQUIRED = "Required"
PLACEMENT_UNCHANGED = "Unchanged"

LEVER_FREQUENCY = "Frequency"
LEVER_POWER_LIMIT = "PowerLimit"
LEVER_SCALE = "Scale"
LEVER_MIGRATE = "Migrate"
LEVER_EVICT = "Evict"
LEVER_QUOTA = "Quota"


class RelativeCap(Struct, frozen=True):
    """A cap as a percentage of what the workloads drew over a window of history."""

    percent: int
    of: str = "Peak"
    window_seconds: int = 604_800


class DisruptionWindow(Struct, frozen=True):
    """A recurring window in which pods may be stopped: cron start, duration, IANA time zone."""

    start: str
    duration_seconds: int
    time_zone: str = "UTC"


class UpdatePolicy(Struct, frozen=True):
    """How far climatik may go: advise only, act at admission only, or act with the named levers.

    With ``disruption_windows``, pods are migrated and evicted inside of them alone. ``placement`` says how
    firmly new pods are kept away from racks that lack the watts they need, or are too hot.
    """

    update_mode: str = MODE_OFF
    levers: list[str] = []
    min_replicas: int = 1
    disruption_windows: list[DisruptionWindow] = []
    placement: str = PLACEMENT_PREFERRED


class PerformancePowerRatio(Struct, frozen=True):
    """Wanted throughput per watt relative to the uncapped workload, and how far it may stray."""

    target_ratio: float
    tolerance_percentage: int = 10


class RackConstraint(Struct, frozen=True):
    """A rack's own bound on this policy's workloads (watts; degrees Celsius at the inlet)."""

    rack_id: str
    max_power: int | None = None
    max_temperature: int | None = None


class ScaleTargetRef(Struct, frozen=True):
    """A workload named by the user instead of found through its pods."""

    api_version: str
    kind: str
    name: str


class CustomAlgorithm(Struct, frozen=True):
    """An algorithm by name with its parameters (text or whole number)."""

    name: str
    parameters: dict[str, str | int] = {}


class PolicySpec(Struct, frozen=True):
    """Watts, whose, by which levers (see ``crds/`` for every rule)."""

    power_cap_limit: int | None = None
    relative_cap: RelativeCap | None = None
    selector: LabelSelector = LabelSelector()
    capping_threshold: int = 90
    update_policy: UpdatePolicy = UpdatePolicy()
    priority: int = 0
    workload_type: str = "Inference"
    guaranteed_watts: int | None = None
    performance_power_ratio: PerformancePowerRatio | None = None
    max_slowdown_percent: int | None = None
    time_to_first_token_milliseconds: int | None = None
    inter_token_latency_milliseconds: int | None = None
    rack_constraints: list[RackConstraint] = []
    temperature_threshold: int | None = None
    scale_target_refs: list[ScaleTargetRef] = []
    custom_algorithms: list[CustomAlgorithm] = []


class CurrentPower(Struct, frozen=True, omit_defaults=False):
    """What the policy's pods draw now; ``estimatedWatts`` is of unmeasured ones, and not in ``watts``.

    Energy per token generated and per request finished is of the pods that inference servers report on, over
    the last minutes.
    """

    watts: int = 0
    pods: int = 0
    measured_pods: int = 0
    source: str = ""
    estimated_watts: int | UnsetType = UNSET
    millijoules_per_token: int | UnsetType = UNSET
    millijoules_per_request: int | UnsetType = UNSET


class ForecastPower(Struct, frozen=True, omit_defaults=False):
    """Watts expected within the horizon: median, upper bound, and the probability of a breach.

    The probability is absent while the history is too short to tell one, or without a cap. ``basis`` says
    what the figures rest on: ``RecentRises``, ``CalibratedRises`` or ``LearnedModel``.
    """

    horizon_seconds: int = 0
    median_watts: int = 0
    upper_bound_watts: int = 0
    breach_probability_percent: int | UnsetType = UNSET
    basis: str | UnsetType = UNSET


class ContainerRecommendation(Struct, frozen=True, omit_defaults=False):
    """Watts advised per replica of a container; ``uncappedTarget`` is what it would get without any cap.

    ``basis`` is ``Measured``, ``Alike`` or ``Nameplate``; ``model_key`` names what is alike.
    """

    workload: str
    container: str
    pods: int = 0
    current: int = 0
    target: int = 0
    lower_bound: int = 0
    upper_bound: int = 0
    uncapped_target: int = 0
    basis: str | UnsetType = UNSET
    model_key: str | UnsetType = UNSET


class GpuAdvice(Struct, frozen=True):
    """A device setting advised: a watt limit, a clock, or both."""

    gpu_id: str
    watts: int | None = None
    target_frequency: int | None = None


class NodeAdvice(Struct, frozen=True):
    """Device settings advised for a node, with the reason in plain words."""

    node_name: str
    gpus: list[GpuAdvice] = []
    reason: str = ""


class ReplicaAdvice(Struct, frozen=True):
    """A replica ceiling advised for a workload, and the watts that one replica counts with."""

    workload: str
    replicas: int
    watts_per_replica: int = 0
    reason: str = ""


class ActionAdvice(Struct, frozen=True):
    """An action advised or taken on an object, and why."""

    action: str
    object: str
    reason: str = ""


class SlowdownAdvice(Struct, frozen=True):
    """The lowest watts and clock of a GPU that keep a workload within ``maxSlowdownPercent``."""

    workload: str
    watts_per_gpu: int = 0
    lower_bound: int = 0
    upper_bound: int = 0
    frequency: int | None = None
    basis: str | UnsetType = UNSET
    reason: str = ""


class ScheduleAdvice(Struct, frozen=True):
    """When a Job that may wait runs; ``ran_seconds`` is how long it has, ``pods`` how many it then has."""

    workload: str
    runs: bool = False
    pods: int = 0
    ran_seconds: int = 0
    remaining_hours: int = 0
    next_start: str = ""
    complete_by: str = ""
    reason: str = ""


class Recommendation(Struct, frozen=True):
    """All that is advised (at most 64 containers and 64 nodes; what is beyond is summed up in a message)."""

    summary: str = ""
    containers: list[ContainerRecommendation] = []
    nodes: list[NodeAdvice] = []
    replicas: list[ReplicaAdvice] = []
    replica_budget_watts: int | None = None
    schedule: list[ScheduleAdvice] = []
    actions: list[ActionAdvice] = []
    slowdowns: list[SlowdownAdvice] = []
    omitted: str = ""


class Comparison(Struct, frozen=True, omit_defaults=False):
    """Advice taken against advice not taken, in watts."""

    with_advice_watts: int = 0
    without_advice_watts: int = 0
    summary: str = ""


class PolicyStatus(Struct, frozen=True):
    """What is drawn, expected and advised; written by the recommender."""

    conditions: list[Condition] = []
    observed_generation: int = 0
    capping_action_required: bool | None = None
    last_updated: str = ""
    effective_cap_watts: int | None = None
    current_power: CurrentPower | None = None
    forecast_power: ForecastPower | None = None
    recommendation: Recommendation | None = None
    comparison: Comparison | None = None


class PowerCappingPolicy(KubeObject, frozen=True):
    """A namespaced power policy."""

    spec: PolicySpec = PolicySpec()
    status: PolicyStatus = PolicyStatus()


POLICIES = Resource(
    kind="PowerCappingPolicy",
    plural="powercappingpolicies",
    type=PowerCappingPolicy,
    group=GROUP,
    version=VERSION,
    namespaced=True,
)
