"""Small rooms and pods for tests."""

from __future__ import annotations

from common.twin.gpu_model import H100
from common.twin.node import NodeModel, SimulatedNode
from common.twin.phases import StartPhase
from common.twin.serving import Demand
from deploy.local.machine_room.playback import Playback
from deploy.local.machine_room.podview import PodView
from deploy.local.machine_room.room import MachineRoom
from deploy.local.machine_room.trace import LoadTrace

CHAT = Demand(20.0, 600.0, 200.0)


def small_room(nodes: int = 2, gpus: int = 2, start_seconds: float = 2.0) -> MachineRoom:
    trace = LoadTrace({"chat": [(0.0, CHAT), (10.0, CHAT._replace(requests_per_second=40.0))]})
    model = NodeModel(H100, gpu_count=gpus)
    hosted = [SimulatedNode(f"node-{index + 1}", model, seed=1) for index in range(nodes)]
    return MachineRoom(hosted, Playback(trace), StartPhase(start_seconds))


def pod(name: str, node: str = "node-1", **changes: object) -> PodView:
    fields: dict[str, object] = {
        "key": f"llm/{name}",
        "uid": f"uid-{name}",
        "namespace": "llm",
        "name": name,
        "node": node,
        "workload": "chat",
        "container": "vllm",
        "gpus": 1,
        "model": "meta-llama/Llama-3.1-8B-Instruct",
        "is_running": True,
    }
    return PodView(**{**fields, **changes})  # type: ignore[arg-type]


def run(room: MachineRoom, seconds: float) -> None:
    for _ in range(round(seconds / 0.02)):
        room.step(0.02)
