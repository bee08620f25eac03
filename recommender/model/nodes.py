"""Nodes as the recommender sees them: what their devices can be held to, and what they are granted now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from common.api.core import Node
from common.api.frequencies import GpuStatus, NodeFrequencies
from common.api.names import PROTOCOL_VERSION


@dataclass(frozen=True)
class GpuView:
    """A GPU's bounds and present limit, in watts and MHz; 0 where unknown."""

    uuid: str
    minimum_watts: int = 0
    maximum_watts: int = 0
    maximum_frequency: int = 0
    limit_watts: int = 0
    limit_status: str = ""


@dataclass(frozen=True)
class NodeView:
    """A node.

    Attributes:
        name: Its name.
        labels: For domain selectors.
        nameplate_watts: The most it can draw; 0 while no agent has said so.
        floor_watts: The least it can be held to: its base, or what its devices' floors need.
        granted_watts: What it has been granted; 0 without a grant.
        vouched: Whether an agent of a known protocol answers for it.
        gpus: Its GPUs as its agent reports them.
    """

    name: str
    labels: Mapping[str, str]
    nameplate_watts: int = 0
    floor_watts: int = 0
    granted_watts: int = 0
    vouched: bool = False
    gpus: tuple[GpuView, ...] = ()


def view_node(node: Node, frequencies: NodeFrequencies | None) -> NodeView:
    """Joins a Node with the settings object of its name."""
    if frequencies is None:
        return NodeView(node.name, node.metadata.labels)
    confirmed, grant = frequencies.status.power_budget, frequencies.spec.power_budget
    nameplate = confirmed.nameplate_watts if confirmed else 0
    minimum = confirmed.minimum_budget_watts if confirmed else 0
    return NodeView(
        name=node.name,
        labels=node.metadata.labels,
        nameplate_watts=nameplate,
        floor_watts=max(minimum, grant.base_watts if grant else 0),
        granted_watts=grant.grant_watts if grant else 0,
        vouched=nameplate > 0 and frequencies.status.protocol_version == PROTOCOL_VERSION,
        gpus=tuple(_view_gpu(gpu) for gpu in frequencies.status.gpus),
    )


def _view_gpu(gpu: GpuStatus) -> GpuView:
    return GpuView(
        uuid=gpu.gpu_id,
        minimum_watts=gpu.minimum_watts,
        maximum_watts=gpu.maximum_watts,
        maximum_frequency=gpu.maximum_frequency,
        limit_watts=gpu.enforced_watts,
        limit_status=gpu.status,
    )
