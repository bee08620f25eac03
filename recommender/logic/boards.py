"""The GPUs behind a policy: their bounds, their draw, and what they ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from recommender.logic.demand import ask_watts
from recommender.model.board import Board
from recommender.model.draws import Draws
from recommender.model.nodes import GpuView, NodeView
from recommender.model.pods import PodView


def view_boards(draws: Draws, nodes: Mapping[str, NodeView]) -> dict[str, Board]:
    """Joins every GPU's draw with what its node's agent says of it, by UUID."""
    known = {gpu.uuid: gpu for node in nodes.values() for gpu in node.gpus}
    return {uuid: _view_board(uuid, known.get(uuid), draws, nodes) for uuid in draws.gpus}


def boards_of(pods: Iterable[PodView], draws: Draws, boards: Mapping[str, Board]) -> list[Board]:
    """Returns the GPUs that pods hold, by node and UUID, each once."""
    held = {uuid for pod in pods if pod.key in draws.pods for uuid in draws.pods[pod.key].gpus}
    return sorted((boards[uuid] for uuid in held), key=lambda board: (board.node, board.uuid))


def _view_board(uuid: str, told: GpuView | None, draws: Draws, nodes: Mapping[str, NodeView]) -> Board:
    node = nodes.get(draws.gpu_node[uuid])
    gpu = told or GpuView(uuid)
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


def pod_ceiling_watts(
    pod: PodView, draws: Draws, nodes: Mapping[str, NodeView], boards: Mapping[str, Board]
) -> int:
    """Returns the most that a pod can draw, as far as anything is known of it.

    Its GPUs at full power and its present share of the processors; else the nameplates of as many GPUs of its
    node as it requests; else what was reserved for it at admission.
    """
    draw = draws.pods.get(pod.key)
    if draw and draw.gpus:
        return sum(boards[uuid].ceiling_watts for uuid in draw.gpus) + round(draw.host_watts)
    node = nodes.get(pod.node)
    if pod.gpus and node and node.gpus:
        return pod.gpus * max(gpu_ceiling_watts(gpu, node, 0.0) for gpu in node.gpus)
    return max(pod.reserved_watts, round(draw.watts) if draw else 0)


def limited_watts(boards: Iterable[Board], limits: Mapping[str, int]) -> int:
    """Returns what the limited ones of some GPUs may draw together: none obeys less than its floor."""
    return sum(max(limits[board.uuid], board.floor_watts) for board in boards if board.uuid in limits)


def held_pods(draws: Draws, boards: Mapping[str, Board]) -> dict[str, bool]:
    """Tells for each measured pod whether any of its GPUs is at its limit."""
    held = {uuid for uuid in draws.gpus if boards[uuid].held}
    return {key: bool(held) and not held.isdisjoint(draw.gpus) for key, draw in draws.pods.items()}
