"""Advice that outlives a restart: what the status advises stays until power can be read again."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from common.api.policy import NodeAdvice
from recommender.logic.facts import PolicyFacts

NOTE = "The last advice stays until power can be read again."


def carried_over(facts: PolicyFacts) -> list[NodeAdvice]:
    """Returns the device settings that the status advises, scaled down where they exceed the cap.

    Dropping them would lift the limits that rest on them, and nothing is raised without telemetry. Empty
    where anything is known of the pods' GPUs, or nothing was advised.
    """
    recommendation = facts.policy.status.recommendation
    if facts.boards or facts.measured or not facts.pods or recommendation is None:
        return []
    total = sum(gpu.watts or 0 for node in recommendation.nodes for gpu in node.gpus)
    cap = facts.cap.watts
    scale = min(1.0, cap / total) if cap is not None and total else 1.0
    return recommendation.nodes if scale == 1.0 else _scaled(recommendation.nodes, scale)


def _scaled(nodes: Sequence[NodeAdvice], scale: float) -> list[NodeAdvice]:
    replaced = msgspec.structs.replace
    return [
        replaced(
            node,
            gpus=[
                replaced(gpu, watts=None if gpu.watts is None else int(gpu.watts * scale))
                for gpu in node.gpus
            ],
        )
        for node in nodes
    ]
