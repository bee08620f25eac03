"""Which nodes a machine room hosts: an even fleet by numbers, or a TOML file that names each node."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from common.service.settings import SettingsError
from common.twin.gpu_model import GPU_MODELS
from common.twin.node import NodeModel, SimulatedNode


class NodeDescription(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One node. ``found_limit_watts`` is a GPU limit that somebody set before climatik came."""

    name: str
    rack: str
    gpus: int = 8
    gpu_model: str = "h100"
    packages: int = 2
    found_limit_watts: float | None = None

    def build(self, seed: int) -> SimulatedNode:
        """Builds the node, with its limits as found."""
        model = NodeModel(GPU_MODELS[self.gpu_model], gpu_count=self.gpus, package_count=self.packages)
        node = SimulatedNode(self.name, model, seed)
        if self.found_limit_watts is not None:
            for gpu in node.gpus:
                gpu.set_power_limit(self.found_limit_watts)
            node.mark_as_found()
        return node


class Fleet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All nodes of a machine room."""

    nodes: list[NodeDescription]


def even_fleet(nodes: int, racks: int, gpus_per_node: int, gpu_model: str) -> Fleet:
    """Returns a fleet of equal nodes ``gpu-node-1`` …, spread in turn over ``rack-1`` …."""
    return Fleet(
        nodes=[
            NodeDescription(
                name=f"gpu-node-{index + 1}",
                rack=f"rack-{index % racks + 1}",
                gpus=gpus_per_node,
                gpu_model=gpu_model,
            )
            for index in range(nodes)
        ]
    )


def read_fleet(path: Path) -> Fleet:
    """Reads a fleet from a TOML file with one ``[[nodes]]`` table per node.

    Raises:
        SettingsError: the file cannot be read, or names a field, model or node wrongly.
    """
    try:
        fleet = msgspec.convert(tomllib.loads(path.read_text()), type=Fleet)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"--fleet: {path}: {error}") from error
    names = [node.name for node in fleet.nodes]
    if len(set(names)) != len(names):
        raise SettingsError(f"--fleet: {path}: each node needs a name of its own")
    for node in fleet.nodes:
        if node.gpu_model not in GPU_MODELS:
            known = ", ".join(GPU_MODELS)
            raise SettingsError(
                f"--fleet: {path}: {node.name}: gpu_model {node.gpu_model!r} is none of {known}"
            )
    return fleet
