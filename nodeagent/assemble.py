"""Puts an agent together from its settings, its devices, its state and a client."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from common.clock import Clock
from common.kube.client import Client
from common.service.app import Service
from nodeagent.agent import Agent, AgentParts
from nodeagent.awake import AwakeWatch
from nodeagent.boot.record import is_boot_protected
from nodeagent.control import Controller, ControlParts
from nodeagent.devices.device import DeviceSet
from nodeagent.guard.governor import Governor
from nodeagent.guard.split import SplitSettings
from nodeagent.hardware.enforcer import Enforcer, EnforcerSettings
from nodeagent.heart import Heart
from nodeagent.keeper import MemoryKeeper
from nodeagent.nodekeeper import NodeKeeper, NodeKeeperSettings
from nodeagent.noderesource import OfferSettings
from nodeagent.obedience.machine import Obedience
from nodeagent.pods.build import PodSources, build_desk
from nodeagent.report.metrics import NodeMetrics
from nodeagent.report.pace import PaceSettings, StatusPace
from nodeagent.report.writer import StatusWriter
from nodeagent.restsetup import build_rest
from nodeagent.settings import AgentSettings
from nodeagent.state.files import StateLockedError
from nodeagent.state.pulse import PulseFile, kernel_boot_id
from nodeagent.state.store import StateStore
from nodeagent.turns import Turns
from nodeagent.world import World

_LOCK_PATIENCE_SECONDS = 3.0

_STALLED_SECONDS = 10.0
"""A control loop that has not turned for so long is dead: it turns ten times a second."""


def open_state(settings: AgentSettings) -> StateStore:
    """Opens the state directory, and gives up on unreadable parts of it where that was accepted.

    Raises:
        StateLockedError: Another agent holds it.
        OSError: It cannot be made or read.
    """
    store = _open_patiently(Path(settings.state_dir))
    if settings.accept:
        store.accept()
    return store


def _open_patiently(directory: Path) -> StateStore:
    """Opens the state directory; the watchdog holds its lock for as long as it lowers the devices."""
    ends = time.monotonic() + _LOCK_PATIENCE_SECONDS
    while True:
        try:
            return StateStore(directory)
        except StateLockedError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)


def build_agent(
    settings: AgentSettings, hardware: DeviceSet, store: StateStore, client: Client, clock: Clock
) -> tuple[Agent, AgentParts, Enforcer]:
    """Builds an agent inside the running event loop.

    Args:
        settings: The agent's settings.
        hardware: The devices to hold.
        store: The open state directory.
        client: The cluster.
        clock: Time.

    Returns:
        The agent, its parts, and the enforcer, which the caller closes.
    """
    wake = Turns()
    metrics = NodeMetrics(settings.node_name)

    world = World(settings.node_name, wake.set)
    obedience = Obedience(store.memory, ramp_seconds=settings.ramp_seconds)
    driving = EnforcerSettings(
        settings.guard_period_seconds,
        settings.device_deadline_seconds,
        dry_run=settings.dry_run,
        answered=lambda: agent.answered(),  # noqa: PLW0108 - the agent is made of what it is called by
    )
    governor = Governor(SplitSettings(), settings.rebalance_seconds)
    enforcer = Enforcer(hardware, store, governor, driving, clock.monotonic, metrics.wrote)
    parts = AgentParts(
        client=client,
        world=world,
        obedience=obedience,
        controller=Controller(
            ControlParts(
                world,
                obedience,
                enforcer,
                build_rest(settings, hardware, clock),
                MemoryKeeper(store),
                hardware.awaited,
            ),
            clock,
            lambda: client.server_clock_offset_seconds,
            AwakeWatch(hardware.boot_id, hardware.read_boot_id),
            dry_run=settings.dry_run,
        ),
        metrics=metrics,
        heart=None if settings.dry_run else Heart(PulseFile(Path(settings.state_dir))),
        writer=StatusWriter(
            client, settings.node_name, StatusPace(PaceSettings()), clock, dry_run=settings.dry_run
        ),
        keeper=NodeKeeper(
            client,
            world,
            NodeKeeperSettings(
                OfferSettings(settings.advertised_watts, settings.offer),
                settings.manage_taint,
                settings.dry_run,
                is_boot_protected(Path(settings.state_dir), kernel_boot_id()),
            ),
        ),
        desk=build_desk(settings, PodSources(client, hardware.devices, clock), world),
    )
    settle_seconds = max((device.info.settle_seconds for device in hardware.devices), default=0.0)
    agent = Agent(parts, wake, clock, settings.guard_period_seconds, settle_seconds)
    return agent, parts, enforcer


def add_checks(service: Service, agent: Callable[[], Agent], clock: Clock) -> None:
    """Hangs the agent's checks on the process: dead when the loop stalls, ready once the cluster was read."""

    def turning() -> str | None:
        late = clock.monotonic() - agent().stepped_at
        return None if late < _STALLED_SECONDS else f"the control loop has not turned for {late:.0f} s"

    service.health.live("control", turning)
    service.health.ready(
        "read", lambda: None if agent().read else "the node's own object has not been read yet"
    )
