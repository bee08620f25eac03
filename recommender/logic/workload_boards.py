"""A policy's GPUs by workload, with what one of them draws where nothing holds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from common.api.meta import object_key
from common.models.slowdown.phases import phase_of
from common.telemetry.load import LoadTable
from recommender.logic.facts import PolicyFacts
from recommender.logic.slowdowns import WorkloadBoards
from recommender.model.board import Board
from recommender.model.pods import PodView
from recommender.model.telemetry import TelemetryState
from recommender.model.usage import ContainerKey, Usage

_BUSY_SHARE = 0.9
"""Of the time under which the draw counts as what the workload wants: idle hours say nothing of it."""


def workload_boards(
    facts: PolicyFacts, telemetry: TelemetryState, usage: Usage, phases: Mapping[str, str]
) -> list[WorkloadBoards]:
    """Returns the workloads of a policy that hold known GPUs, by name.

    Args:
        facts: With the policy's pods and boards.
        telemetry: Who holds which GPU.
        usage: What containers have drawn.
        phases: Of inference servers, by pod key.
    """
    boards = {board.uuid: board for board in facts.boards}
    pods: dict[str, list[PodView]] = defaultdict(list)
    for pod in facts.pods:
        draw = telemetry.known.pods.get(pod.key)
        if draw and draw.gpus:
            pods[pod.workload].append(pod)
    return [
        _workload(workload, replicas, boards, telemetry, usage, phases)
        for workload, replicas in sorted(pods.items())
    ]


def phases_of(load: LoadTable) -> dict[str, str]:
    """Returns the phase in which each server feels a slowdown first, by pod key."""
    into, out = np.nan_to_num(load.prompt_per_second), np.nan_to_num(load.generated_per_second)
    return {
        object_key(server.pod, server.namespace): phase_of(prompt, generated)
        for server, prompt, generated in zip(load.servers, into.tolist(), out.tolist(), strict=True)
    }


def _workload(
    workload: str, replicas: Sequence[PodView], boards: Mapping[str, Board], telemetry: TelemetryState,
    usage: Usage, phases: Mapping[str, str],
) -> WorkloadBoards:  # fmt: skip
    draws = [telemetry.known.pods[pod.key] for pod in replicas]
    held = [boards[uuid] for uuid in dict.fromkeys(uuid for draw in draws for uuid in draw.gpus)]
    first = replicas[0]
    histogram = usage.histogram(ContainerKey(first.namespace, workload, first.gpu_container))
    present = max(board.draw_watts for board in held)
    gpus = max(len(held) / len(replicas), 1.0)
    host = sum(draw.host_watts for draw in draws) / len(draws)
    learned = (histogram.quantile(_BUSY_SHARE) - host) / gpus if histogram else 0.0
    return WorkloadBoards(workload, held, max(learned, present), phases.get(first.key, ""))
