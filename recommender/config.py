"""Settings of the recommender."""

from __future__ import annotations

from dataclasses import dataclass

from common.api.names import NAMESPACE
from common.service.settings import setting
from recommender.planner.config import PlanSettings


@dataclass(frozen=True)
class RecommenderSettings(PlanSettings):
    """Every flag of ``python -m recommender``, with its environment twin, default, unit and reason."""

    grpc_listen_address: str = setting(
        "", unit="host:port", group="Planner",
        reason="where the Planner answers clients over gRPC, with what the recommender knows; empty is off",
    )  # fmt: skip
    plan_ceilings: bool = setting(
        False, group="Planner",
        reason="replica ceilings of policies follow the plan; without it they are what caps carry",
    )  # fmt: skip
    shift_jobs: bool = setting(
        False, group="Planner",
        reason="Jobs whose annotations let them wait run in the cheap or green hours of the grid sources",
    )  # fmt: skip
    carbon_price_per_tonne: float = setting(
        0.0, unit="money/t", group="Planner", minimum=0,
        reason="what a tonne of CO2 counts as when hours are chosen; without prices only carbon counts",
    )  # fmt: skip
    interval_seconds: float = setting(
        5.0,
        unit="s",
        group="Advice",
        minimum=0.1,
        reason="between cycles; power is read as often, and agents hold budgets on their own meanwhile",
    )
    refresh_seconds: float = setting(
        60.0,
        unit="s",
        group="Advice",
        minimum=1,
        reason="a status that has hardly changed is written this often, so that its time shows it is alive",
    )
    actuation_seconds: float = setting(
        1.2,
        unit="s",
        group="Advice",
        minimum=0.0,
        reason="from a rise until limits hold, beyond interval: 1 s of telemetry and 0.2 s to devices",
    )
    workers: int = setting(
        8, group="Advice", minimum=1, reason="statuses written at once: hides the API server's latency"
    )
    prometheus_url: str = setting(
        "",
        unit="URL",
        group="Telemetry",
        reason="where power is read; empty reads agents and exporters directly, and a condition says so",
    )
    prometheus_connect: str = setting(
        "",
        unit="module:function",
        group="Telemetry",
        reason="returns a PrometheusConnect (or its like) with its own log-in, instead of the address",
    )
    prometheus_token_file: str = setting(
        "", unit="path", group="Telemetry", reason="bearer token, read anew for each query"
    )
    prometheus_ca_file: str = setting(
        "", unit="path", group="Telemetry", reason="authority of an https address; empty takes the system's"
    )
    prometheus_client_cert_file: str = setting(
        "", unit="path", group="Telemetry", reason="certificate shown to a Prometheus that asks for one (PEM)"
    )
    prometheus_client_key_file: str = setting(
        "", unit="path", group="Telemetry", reason="its key; empty where the certificate's file holds it too"
    )
    prometheus_deadline_seconds: float = setting(
        10.0,
        unit="s",
        group="Telemetry",
        minimum=0.1,
        reason="for one query with its retries; a slow Prometheus never delays statuses",
    )
    detect_seconds: float = setting(
        30.0,
        unit="s",
        group="Telemetry",
        minimum=1,
        reason="how often Prometheus is asked which sources it has; more often where that has just changed",
    )
    history_seconds: float = setting(
        300.0,
        unit="s",
        group="Telemetry",
        minimum=1,
        reason="how often the history behind relativeCap is read: it hardly moves",
    )
    agent_metrics_port: int = setting(
        9108,
        group="Without Prometheus",
        minimum=1,
        maximum=65535,
        reason="of the agents' metrics on each node's internal address; a node's annotation overrides both",
    )
    dcgm_exporter_urls: str = setting(
        "",
        unit="URLs",
        group="Without Prometheus",
        reason="pages of DCGM exporters, parted by commas; {address} stands for each node's internal address",
    )
    direct_most_nodes: int = setting(
        500,
        unit="nodes",
        group="Without Prometheus",
        minimum=1,
        reason="agents that are read directly: more pages each few seconds are a Prometheus' work",
    )
    direct_deadline_seconds: float = setting(
        2.0,
        unit="s",
        group="Without Prometheus",
        minimum=0.1,
        reason="for one page: a node that hangs delays no reading of the others by more",
    )
    namespace: str = setting(
        NAMESPACE, group="Memory", reason="where the ConfigMaps climatik-recommender-checkpoint-N live"
    )
    checkpoint_config_maps: bool = setting(
        True,
        group="Memory",
        reason="what was learned is kept in up to 8 ConfigMaps of 800 KiB, so that a restart forgets nothing",
    )
    checkpoint_file: str = setting(
        "",
        unit="path",
        group="Memory",
        reason="kept in this file instead, without a bound on its size; for a volume of its own",
    )
    checkpoint_seconds: float = setting(
        900.0,
        unit="s",
        group="Memory",
        minimum=10,
        reason="between checkpoints: what is lost is little, and etcd keeps every version for a while",
    )
    read_past: bool = setting(
        True,
        group="Memory",
        reason="at a start two weeks of the recommender's own metrics are read: forecasts know the week",
    )
    slowdown_sweeps: str = setting(
        "",
        unit="paths",
        group="Memory",
        reason="CSV tables of measured times under power limits, one per kind of GPU, separated by commas;"
        " without them maxSlowdownPercent goes by what GPUs do in general",
    )
