"""Settings of the machine room."""

from __future__ import annotations

from dataclasses import dataclass

from common.service.settings import REQUIRED, ServiceSettings, setting
from common.twin.gpu_model import GPU_MODELS


@dataclass(frozen=True)
class RoomSettings(ServiceSettings):
    """Which nodes there are, what loads them, and where their devices and records are found."""

    socket: str = setting(REQUIRED, unit="path", reason="Unix socket that drivers of the devices connect to")
    fleet: str = setting(
        "", unit="path", reason="TOML file that names nodes and racks one by one, instead of the flags below"
    )
    nodes: int = setting(4, minimum=1, reason="nodes of an even fleet; four fill two racks and fit two cores")
    racks: int = setting(2, minimum=1, reason="racks that an even fleet's nodes are spread over in turn")
    gpus_per_node: int = setting(4, minimum=0, reason="GPUs of each node of an even fleet")
    gpu_model: str = setting("h100", choices=tuple(GPU_MODELS), reason="GPUs of an even fleet")
    seed: int = setting(7, reason="the same seed gives the same UUIDs, boot ids and sensor noise")
    trace: str = setting(
        "", unit="path", reason="CSV of requests per service; empty takes the one that is shipped"
    )
    trace_speed: float = setting(1.0, minimum=0, reason="how many times as fast as recorded the trace plays")
    autostart: bool = setting(
        False, reason="play the trace from the start, instead of standing at its first second until told"
    )
    start_seconds: float = setting(
        8.0,
        unit="s",
        minimum=0,
        reason="how long a pod loads its model before it serves; real ones take minutes",
    )
    output: str = setting(
        "", unit="path", reason="folder for the CSV records of true draw; empty records nothing"
    )
    pod_resources: str = setting(
        "",
        unit="path",
        reason="folder of the sockets <node>.sock, where kubelets say which pod is on which GPU; empty: none",
    )
    standalone: bool = setting(
        False, reason="host the devices without a cluster: no nodes are registered, no pods are followed"
    )
