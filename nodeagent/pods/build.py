"""Puts the desk together from the agent's settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common.clock import Clock
from common.kube.client import Client
from nodeagent.devices.device import KIND_GPU, Device
from nodeagent.pods.desk import PodDesk
from nodeagent.pods.follower import Follower, FollowerSettings
from nodeagent.pods.instances import Instances
from nodeagent.pods.kubelet import KubeletSocket
from nodeagent.pods.local_pods import LocalPods
from nodeagent.settings import AgentSettings
from nodeagent.world import World


@dataclass(frozen=True)
class PodSources:
    """Where pods are asked for: the cluster, and the devices that they may hold."""

    client: Client
    devices: Sequence[Device]
    clock: Clock


def build_desk(settings: AgentSettings, sources: PodSources, world: World) -> PodDesk | None:
    """Returns the desk that keeps the world's tenancy; None on a node without GPUs, or where nobody asked.

    Args:
        settings: The agent's settings.
        sources: Where pods are asked for.
        world: Is told of every change.
    """
    boards = [device.info.id for device in sources.devices if device.info.kind == KIND_GPU]
    if not settings.pod_resources_socket or not boards:
        return None
    desk = PodDesk(world.tenants_changed)
    follower = Follower(
        KubeletSocket(Path(settings.pod_resources_socket), settings.pod_resources_deadline_seconds),
        boards,
        Instances(sources.devices, settings.device_deadline_seconds),
        FollowerSettings(settings.pod_resources_period_seconds, settings.pod_resources_age_seconds),
        sources.clock,
        desk.holdings_changed,
    )
    watched = (
        LocalPods(sources.client, settings.node_name, desk.pods_changed) if settings.watch_pods else None
    )
    desk.open(follower, watched)
    return desk
