"""Every setting of the actuator, with its reason."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import timedelta

from actuator.gate.settings import GateSettings
from actuator.ladder.action import Rung
from actuator.ladder.settings import LadderSettings
from actuator.ledger.settings import LedgerSettings
from actuator.levers.migrate import MigrationSettings
from actuator.levers.place_store import PLACES_NAMESPACE
from actuator.placement.hot import HotSettings
from common.api.names import NAMESPACE
from common.service.settings import ServiceSettings, setting


@dataclass(frozen=True)
class ActuatorSettings(ServiceSettings):
    """Settings of the actuator."""

    namespace: str = setting(NAMESPACE, group="Election", reason="where the Lease climatik-actuator lives")
    identity: str = setting(
        "",
        group="Election",
        reason="the name this process holds the Lease under; empty takes host and process",
    )
    tick_seconds: float = setting(
        1.0,
        unit="s",
        group="Grants",
        minimum=0.1,
        reason="a round is done at every change, and at least this often, for schedules and ramps",
    )
    heartbeat_seconds: float = setting(
        10.0,
        unit="s",
        group="Grants",
        minimum=1,
        reason="grants are renewed so often, well within the lease of 600 s, by one small write per domain",
    )
    minimum_raise_watts: int = setting(
        25,
        unit="W",
        group="Grants",
        minimum=1,
        reason="a raise that cannot be given in full waits for so much room: each one costs a write per node",
    )
    base_share_percent: int = setting(
        100,
        unit="%",
        group="Grants",
        minimum=0,
        maximum=100,
        reason="how much of what minimumCapWatts leaves beyond the nodes' own minimum is shared out as bases",
    )
    unknown_gpu_node_watts: int = setting(
        10_400,
        unit="W",
        group="Grants",
        minimum=1,
        reason="a node with GPUs counts so much while neither an agent nor the label "
        "climatik.io/nameplate-watts says; the nameplate of an 8-GPU server",
    )
    unknown_cpu_node_watts: int = setting(
        1_200,
        unit="W",
        group="Grants",
        minimum=1,
        reason="the same for a node without GPUs; the nameplate of a two-socket server",
    )
    parallel_writes: int = setting(
        32, group="Grants", minimum=1, reason="writes at once: a cut reaches a thousand nodes within seconds"
    )
    catch_up_seconds: float = setting(
        30.0,
        unit="s",
        group="Election",
        minimum=1,
        reason="a new leader whose caches do not reach a consistent list in time starts its term over",
    )
    ladder_seconds: float = setting(
        2.0,
        unit="s",
        group="Ladder",
        minimum=0.1,
        reason="how often to look for breaches that limits and ceilings do not cure",
    )
    limits_deadline_seconds: float = setting(
        10.0,
        unit="s",
        group="Ladder",
        minimum=0,
        reason="what limits and clocks have to cure a breach: they act in seconds, telemetry lags a few more",
    )
    ceilings_deadline_seconds: float = setting(
        60.0,
        unit="s",
        group="Ladder",
        minimum=0,
        reason="what replica ceilings have, where they are at work, before pods are moved or stopped",
    )
    migration_deadline_seconds: float = setting(
        60.0,
        unit="s",
        group="Ladder",
        minimum=0,
        reason="what moving pods has before they are evicted for good",
    )
    calm_seconds: float = setting(
        120.0,
        unit="s",
        group="Ladder",
        minimum=0,
        reason="how long a subject has to be well under its cap before the ladder is climbed down by a rung",
    )
    calm_percent: int = setting(
        5,
        unit="%",
        group="Ladder",
        minimum=0,
        maximum=50,
        reason="how far under its cap is well under it: a cap that is just met would send it up again",
    )
    settling_seconds: float = setting(
        45.0,
        unit="s",
        group="Ladder",
        minimum=1,
        reason="watts of an eviction count as on their way for so long: pods get 30 s to end, telemetry lags",
    )
    least_relief_watts: int = setting(
        10,
        unit="W",
        group="Ladder",
        minimum=1,
        reason="what stopping a pod has to free, after what its neighbours take up, to be worth a disruption",
    )
    disruption_window_seconds: float = setting(
        600.0,
        unit="s",
        group="Disruptions",
        minimum=1,
        reason="disruptions are counted over a sliding window of this length, across restarts and leaders",
    )
    cluster_disruptions: int = setting(
        20, group="Disruptions", minimum=0, reason="the most pods stopped in any window; 0 stops none"
    )
    domain_disruptions: int = setting(
        10, group="Disruptions", minimum=0, reason="the same for each power domain, with all below it"
    )
    workload_disruptions: int = setting(
        2, group="Disruptions", minimum=0, reason="the same for each workload, whatever its budgets allow"
    )
    pod_settling_seconds: float = setting(
        300.0,
        unit="s",
        group="Disruptions",
        minimum=0,
        reason="a younger pod still loads its model: its draw says nothing yet, and its start was paid for",
    )
    evict_unreserved: bool = setting(
        False,
        group="Disruptions",
        reason="without climatik.io/watts reserved nothing holds back the replacement of an evicted pod",
    )
    advice_age_seconds: float = setting(
        150.0,
        unit="s",
        group="Disruptions",
        minimum=1,
        reason="older advice is not acted on; the recommender writes an unchanged status each 60 s",
    )
    warm_up_seconds: float = setting(
        30.0,
        unit="s",
        group="Disruptions",
        minimum=0,
        reason="a new leader only watches for so long, so that a restart of everything stops no pod",
    )
    move_seconds: float = setting(
        120.0,
        unit="s",
        group="Migration",
        minimum=1,
        reason="how long a place is kept: pods get 30 s to end, owner and scheduler take a few more",
    )
    places_namespace: str = setting(
        PLACES_NAMESPACE,
        group="Migration",
        reason="where placeholders are: apart, so that the right to make pods is worth nothing elsewhere",
    )
    placeholder_image: str = setting(
        "registry.k8s.io/pause:3.10",
        group="Migration",
        reason="what placeholders run: the image that the container runtime has for every pod anyway",
    )
    taint_hot_nodes: bool = setting(
        True,
        group="Migration",
        reason="new pods rather avoid racks too warm or without headroom; never more than a preference",
    )
    webhook_answer_seconds: float = setting(
        15.0,
        unit="s",
        group="Disruptions",
        minimum=1,
        reason="how recently the webhook must have answered; it is asked only while pods may be stopped",
    )
    release_all: bool = setting(
        False, group="Uninstall", reason="give every node's hardware back, report, and exit"
    )
    release_deadline_seconds: float = setting(
        120.0, unit="s", group="Uninstall", minimum=1, reason="how long --release-all waits for confirmations"
    )

    def ledger(self) -> LedgerSettings:
        """Returns the part that the ledger needs."""
        return LedgerSettings(self.base_share_percent, self.minimum_raise_watts, self.heartbeat_seconds)

    def ladder(self) -> LadderSettings:
        """Returns the part that the ladder needs."""
        deadlines = {
            Rung.DEVICES: self.limits_deadline_seconds,
            Rung.CEILING: self.ceilings_deadline_seconds,
            Rung.MIGRATE: self.migration_deadline_seconds,
            Rung.EVICT: 0.0,
        }
        return LadderSettings(
            deadlines={rung: timedelta(seconds=seconds) for rung, seconds in deadlines.items()},
            hold=timedelta(seconds=self.calm_seconds),
            hysteresis_percent=self.calm_percent,
            settling=timedelta(seconds=self.settling_seconds),
            least_relief_watts=self.least_relief_watts,
        )

    def migration(self) -> MigrationSettings:
        """Returns the part that the lever of migration needs."""
        return MigrationSettings(timedelta(seconds=self.move_seconds))

    def hot(self) -> HotSettings:
        """Returns the part that the taint of hot racks needs."""
        return HotSettings(
            headroom_percent=self.calm_percent,
            calm=timedelta(seconds=self.calm_seconds),
            fresh=timedelta(seconds=self.advice_age_seconds),
        )

    def gate(self) -> GateSettings:
        """Returns the part that the gate needs."""
        return GateSettings(
            advice_age=timedelta(seconds=self.advice_age_seconds),
            warm_up=timedelta(seconds=self.warm_up_seconds),
            probe_age=timedelta(seconds=self.webhook_answer_seconds),
            pod_age=timedelta(seconds=self.pod_settling_seconds),
            window=timedelta(seconds=self.disruption_window_seconds),
            cluster_disruptions=self.cluster_disruptions,
            domain_disruptions=self.domain_disruptions,
            workload_disruptions=self.workload_disruptions,
            unreserved=self.evict_unreserved,
        )

    def holder(self) -> str:
        """Returns the identity for the Lease; unique on every host that runs one actuator per pod."""
        return self.identity or f"{socket.gethostname()}-{id(self):x}"
