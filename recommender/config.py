"""Settings of the recommender."""

from __future__ import annotations

from dataclasses import dataclass

from common.service.settings import ServiceSettings, setting


@dataclass(frozen=True)
class RecommenderSettings(ServiceSettings):
    """Every flag of ``python -m recommender``, with its environment twin, default, unit and reason."""

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
    workers: int = setting(
        8, group="Advice", minimum=1, reason="statuses written at once: hides the API server's latency"
    )
    prometheus_url: str = setting(
        "",
        unit="URL",
        group="Telemetry",
        reason="where power is read; empty works from nameplates alone, and a condition says so",
    )
    prometheus_token_file: str = setting(
        "", unit="path", group="Telemetry", reason="bearer token, read anew for each query"
    )
    prometheus_ca_file: str = setting(
        "", unit="path", group="Telemetry", reason="authority of an https address; empty takes the system's"
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
        reason="how often Prometheus is asked which sources it has: exporters come and go rarely",
    )
    history_seconds: float = setting(
        300.0,
        unit="s",
        group="Telemetry",
        minimum=1,
        reason="how often the history behind relativeCap is read: it hardly moves",
    )
