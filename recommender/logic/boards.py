"""The GPUs behind a policy: their bounds, their draw, and what they ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from recommender.logic.demand import HELD_AT, ask_watts
from recommender.model.draws import Draws
from recommender.model.nodes import GpuView, NodeView
from recommender.model.pods import PodView


@dataclass(frozen=True)
class Board:
    """A GPU that a policy's pods hold, in watts and MHz; a shared one counts in full for each policy.

    ``limit_watts`` is what it is held to now, 0 where it runs at its full power.
    """

    uuid: str
    node: str
    draw_watts: float
    floor_watts: int
    ceiling_watts: int
    ask_watts: int
    limit_watts: int
    max_frequency: int

    @property
    def held(self) -> bool:
        """Whether its draw shows its limit rather than the demand."""
        return self.limit_watts > 0 and self.draw_watts >= HELD_AT * self.limit_watts


def boards_of(pods: Iterable[PodView], draws: Draws, nodes: Mapping[str, NodeView]) -> list[Board]:
    """Returns the GPUs that pods hold, by node and UUID, each once."""
    held = {uuid for pod in pods if pod.key in draws.pods for uuid in draws.pods[pod.key].gpus}
    every = [view_board(uuid, draws, nodes) for uuid in held]
    return sorted(every, key=lambda board: (board.node, board.uuid))


def view_board(uuid: str, draws: Draws, nodes: Mapping[str, NodeView]) -> Board:
    """Joins a GPU's draw with what its node's agent says of it."""
    node = nodes.get(draws.gpu_node[uuid])
    gpu = next((one for one in node.gpus if one.uuid == uuid), GpuView(uuid)) if node else GpuView(uuid)
    draw = draws.gpus[uuid]
    ceiling = gpu_ceiling_watts(gpu, node, draw)
    limit = gpu.limit_watts if gpu.limit_watts < ceiling else 0
    return Board(
        uuid=uuid,
        node=draws.gpu_node[uuid],
        draw_watts=draw,
        floor_watts=min(gpu.minimum_watts, ceiling),
        ceiling_watts=ceiling,
        ask_watts=ask_watts(draw, draw, limit, ceiling),
        limit_watts=limit,
        max_frequency=gpu.maximum_frequency,
    )


def gpu_ceiling_watts(gpu: GpuView, node: NodeView | None, draw_watts: float) -> int:
    """Returns the most a GPU can draw: its own bound, else its part of the nameplate, else what is seen."""
    if gpu.maximum_watts:
        return gpu.maximum_watts
    share = node.nameplate_watts // len(node.gpus) if node and node.gpus else 0
    return max(share, gpu.limit_watts, round(draw_watts))


def pod_ceiling_watts(pod: PodView, draws: Draws, nodes: Mapping[str, NodeView]) -> int:
    """Returns the most that a pod can draw, as far as anything is known of it.

    Its GPUs at full power and its present share of the processors; else the nameplates of as many GPUs of its
    node as it requests; else what was reserved for it at admission.
    """
    draw = draws.pods.get(pod.key)
    if draw and draw.gpus:
        return sum(view_board(uuid, draws, nodes).ceiling_watts for uuid in draw.gpus) + round(
            draw.host_watts
        )
    node = nodes.get(pod.node)
    if pod.gpus and node and node.gpus:
        return pod.gpus * max(gpu_ceiling_watts(gpu, node, 0.0) for gpu in node.gpus)
    return max(pod.reserved_watts, round(draw.watts) if draw else 0)


def held_pods(pods: Sequence[PodView], draws: Draws, nodes: Mapping[str, NodeView]) -> dict[str, bool]:
    """Tells for each measured pod whether any of its GPUs is at its limit."""
    held = {uuid: view_board(uuid, draws, nodes).held for uuid in draws.gpus}
    keys = (pod.key for pod in pods if pod.key in draws.pods)
    return {key: any(held[uuid] for uuid in draws.pods[key].gpus) for key in keys}
