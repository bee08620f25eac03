"""Which pages are read where there is no Prometheus: those of agents that have reported, and of exporters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.api.core import Node
from common.api.frequencies import NodeFrequencies
from common.api.names import ANNOTATION_METRICS_ADDRESS
from common.telemetry.direct.targets import AGENT, EXPORTER, Target

ADDRESS_PLACE = "{address}"
"""In the address of an exporter: stands for the internal address of each node in turn."""

_HOST_AND_PORT = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")
_PAGE = "/metrics"


@dataclass(frozen=True)
class Targets:
    """What to read.

    Attributes:
        pages: Agents first.
        unreachable: Nodes whose agent has reported, and of which no address is known.
    """

    pages: tuple[Target, ...]
    unreachable: tuple[str, ...] = ()

    @property
    def agents(self) -> int:
        """How many agents are read."""
        return sum(page.kind == AGENT for page in self.pages)


def find_targets(
    nodes: Iterable[Node], frequencies: Iterable[NodeFrequencies], port: int, exporters: Sequence[str]
) -> Targets:
    """Returns the pages of agents and exporters.

    Args:
        nodes: All of them; only those whose agent has reported are asked.
        frequencies: The settings objects, in whose status agents report.
        port: Of the agents, on a node's internal address; an annotation on the node overrides both.
        exporters: Addresses of exporters' pages; ``{address}`` stands for each node's internal address.
    """
    reported = {one.name for one in frequencies if one.status.protocol_version}
    ordered = sorted((node for node in nodes if node.name in reported), key=lambda node: node.name)
    addresses = {node.name: _agent_address(node, port) for node in ordered}
    agents = [Target(f"http://{at}{_PAGE}", AGENT, name) for name, at in addresses.items() if at]
    return Targets(
        pages=(*agents, *_exporters(ordered, exporters)),
        unreachable=tuple(name for name, at in addresses.items() if not at),
    )


def _agent_address(node: Node, port: int) -> str:
    told = node.metadata.annotations.get(ANNOTATION_METRICS_ADDRESS, "")
    if told:
        return told if _HOST_AND_PORT.fullmatch(told) else ""
    internal = _internal(node)
    return f"{internal}:{port}" if internal else ""


def _internal(node: Node) -> str:
    """Returns the node's internal address as it stands in a URL; empty without one."""
    found = next((one.address for one in node.status.addresses if one.type == "InternalIP"), "")
    return f"[{found}]" if ":" in found else found


def _exporters(nodes: Sequence[Node], templates: Sequence[str]) -> list[Target]:
    urls = [
        template.replace(ADDRESS_PLACE, internal)
        for template in templates
        for internal in (dict.fromkeys(map(_internal, nodes)) if ADDRESS_PLACE in template else ("-",))
        if internal
    ]
    return [Target(url, EXPORTER) for url in dict.fromkeys(urls)]
