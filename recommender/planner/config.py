"""Settings of the Planner."""

from __future__ import annotations

from dataclasses import dataclass

from common.service.settings import ServiceSettings, setting
from recommender.planner.service_state import Weights


@dataclass(frozen=True)
class PlanSettings(ServiceSettings):
    """Settings of plans and of who serves them, shared by the recommender and the Planner alone."""

    grpc_listen_address: str = setting(
        "127.0.0.1:50051", unit="host:port", group="Planner",
        reason="where the gRPC service listens; port 0 takes a free one, which the log tells",
    )  # fmt: skip
    grpc_port_file: str = setting(
        "", unit="path", group="Planner", reason="the bound gRPC port is written here"
    )
    tls_certificate_file: str = setting(
        "", unit="path", group="Planner", reason="served over TLS where given; empty is for loopback only"
    )
    tls_key_file: str = setting("", unit="path", group="Planner", reason="key of the certificate")
    allow_plaintext: bool = setting(
        False, group="Planner",
        reason="plans without TLS where other machines can connect: for a mesh that encrypts by itself",
    )  # fmt: skip
    client_ca_file: str = setting(
        "", unit="path", group="Planner", reason="clients must show a certificate of it; empty asks for none"
    )
    cap_watts: float = setting(
        0.0, unit="W", group="Planner", minimum=0,
        reason="where a request names no cap; 0 plans for the fewest joules per token without one",
    )  # fmt: skip
    exact_seconds: float = setting(
        0.5, unit="s", group="Planner", minimum=0,
        reason="for the exact search below 100 services, with highspy; at most half of a request's deadline",
    )  # fmt: skip
    most_waiting: int = setting(
        16, group="Planner", minimum=1,
        reason="requests that wait for the solver; more are refused with RESOURCE_EXHAUSTED",
    )  # fmt: skip
    most_deployments: int = setting(
        10_000, group="Planner", minimum=1, reason="in one request; more are refused with INVALID_ARGUMENT"
    )
    inter_token_target_milliseconds: float = setting(
        100.0, unit="ms", group="Services", minimum=1,
        reason="between tokens, where no policy names a target: ten tokens a second is faster than reading",
    )  # fmt: skip
    most_replicas_factor: float = setting(
        4.0, group="Services", minimum=1, reason="of the present replicas, at most: a plan is a step, no leap"
    )
    load_seconds: float = setting(
        900.0, unit="s", group="Services", minimum=1,
        reason="the load planned for is the 95 % quantile of so long, or the present one if higher",
    )  # fmt: skip
    quantile_deviations: float = setting(
        1.645, unit="deviations", group="Services", minimum=0,
        reason="watts are planned so far above their mean: 1.645 holds 95 % of the time",
    )  # fmt: skip
    unmeasured_gpu_watts: float = setting(
        700.0,
        unit="W",
        group="Services",
        minimum=0,
        reason="a GPU that nobody has measured counts as its board",
    )
    unmeasured_replica_watts: float = setting(
        100.0, unit="W", group="Services", minimum=0, reason="what such a replica counts as beside its GPUs"
    )
    usd_per_kwh: float = setting(
        0.0, unit="USD/kWh", group="Weights", minimum=0, reason="price of electricity; 0 is unknown"
    )
    gco2_per_kwh: float = setting(
        0.0, unit="g/kWh", group="Weights", minimum=0, reason="carbon of electricity; 0 is unknown"
    )
    usd_per_replica_hour: float = setting(
        0.0, unit="USD/h", group="Weights", minimum=0, reason="what a replica costs beside electricity"
    )
    watts_per_usd_hour: float = setting(
        0.0,
        unit="W h/USD",
        group="Weights",
        minimum=0,
        reason="watts worth spending to save a dollar an hour",
    )
    watts_per_gco2_hour: float = setting(
        0.0, unit="W h/g", group="Weights", minimum=0, reason="watts worth spending to save a gram an hour"
    )
    start_seconds: float = setting(
        120.0, unit="s", group="Weights", minimum=0,
        reason="a new replica loads its model so long at full watts: the cost of a change, against flapping",
    )  # fmt: skip
    hold_seconds: float = setting(
        900.0, unit="s", group="Weights", minimum=1, reason="a plan is expected to hold so long"
    )
    carbon_sources: str = setting(
        "", unit="sources", group="Grid",
        reason="where carbon intensity is read, the preferred first, parted by semicolons; it goes before"
        " --gco2-per-kwh",
    )  # fmt: skip
    price_sources: str = setting(
        "", unit="sources", group="Grid",
        reason="the same for the price of electricity; its currency is the one of all weights, and it goes"
        " before --usd-per-kwh",
    )  # fmt: skip
    grid_seconds: float = setting(
        300.0, unit="s", group="Grid", minimum=1,
        reason="between looks at the sources; each is asked no more often than its cache says",
    )  # fmt: skip


@dataclass(frozen=True)
class PlannerSettings(PlanSettings):
    """Every flag of ``python -m recommender.planner``, with its twin, default, unit and reason."""

    interval_seconds: float = setting(
        15.0,
        unit="s",
        group="Telemetry",
        minimum=0.1,
        reason="between readings: exporters are scraped as often",
    )
    detect_seconds: float = setting(
        30.0, unit="s", group="Telemetry", minimum=1, reason="how often Prometheus is asked for its sources"
    )
    prometheus_url: str = setting(
        "", unit="URL", group="Telemetry", reason="where load and watts are read; empty plans from nameplates"
    )
    prometheus_token_file: str = setting(
        "", unit="path", group="Telemetry", reason="bearer token, read anew for each query"
    )
    prometheus_ca_file: str = setting(
        "", unit="path", group="Telemetry", reason="authority of an https address; empty takes the system's"
    )


def recent_samples(settings: PlanSettings, interval_seconds: float) -> int:
    """Returns how many samples the load is planned from, where one is taken each interval."""
    return round(settings.load_seconds / interval_seconds)


def weights_of(settings: PlanSettings) -> Weights:
    """Returns the weights that settings name."""
    return Weights(
        usd_per_kwh=settings.usd_per_kwh,
        gco2_per_kwh=settings.gco2_per_kwh,
        usd_per_replica_hour=settings.usd_per_replica_hour,
        watts_per_usd_hour=settings.watts_per_usd_hour,
        watts_per_gco2_hour=settings.watts_per_gco2_hour,
        start_seconds=settings.start_seconds,
        hold_seconds=settings.hold_seconds,
    )
