"""Device settings by node, each with its reason in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from common.api.policy import GpuAdvice, NodeAdvice
from recommender.logic.advice import Settings
from recommender.logic.boards import limited_watts
from recommender.logic.text import span, watts
from recommender.model.board import Board


def node_advice(boards: Sequence[Board], settings: Settings) -> list[NodeAdvice]:
    """Groups the settings by node, with the reason in plain words."""
    advice = []
    for node, group in groupby(boards, key=lambda board: board.node):
        held = list(group)
        gpus = [
            GpuAdvice(
                gpu_id=board.uuid,
                watts=settings.watts.get(board.uuid),
                target_frequency=settings.frequency.get(board.uuid),
            )
            for board in held
            if board.uuid in settings.watts or board.uuid in settings.frequency
        ]
        if gpus:
            advice.append(NodeAdvice(node_name=node, gpus=gpus, reason=_reason(held, settings)))
    return advice


def _reason(boards: Sequence[Board], settings: Settings) -> str:
    drawn = f"its GPUs draw {watts(sum(board.draw_watts for board in boards))}"
    limits = [settings.watts[board.uuid] for board in boards if board.uuid in settings.watts]
    clocks = [settings.frequency[board.uuid] for board in boards if board.uuid in settings.frequency]
    parts = [drawn]
    if limits:
        each, most = span(min(limits), max(limits)), limited_watts(boards, settings.watts)
        parts.append(
            f"at {each} each they draw at most {watts(most)}"
            if most == sum(limits)
            else f"at {each} each, under their lowest limits, they draw up to {watts(most)}"
        )
    if clocks:
        parts.append(f"clocks at most {max(clocks):,} MHz")
    return "; ".join(parts)
