"""Every setting of the actuator, with its reason."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from actuator.ledger.settings import LedgerSettings
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
    release_all: bool = setting(
        False, group="Uninstall", reason="give every node's hardware back, report, and exit"
    )
    release_deadline_seconds: float = setting(
        120.0, unit="s", group="Uninstall", minimum=1, reason="how long --release-all waits for confirmations"
    )

    def ledger(self) -> LedgerSettings:
        """Returns the part that the ledger needs."""
        return LedgerSettings(self.base_share_percent, self.minimum_raise_watts, self.heartbeat_seconds)

    def holder(self) -> str:
        """Returns the identity for the Lease; unique on every host that runs one actuator per pod."""
        return self.identity or f"{socket.gethostname()}-{id(self):x}"
