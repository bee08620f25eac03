"""Which pages are read where there is no Prometheus: those of the nodes' agents, and of exporters."""

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
        pages: Agents first; those that have not reported yet are only tried.
        unreachable: Nodes whose agent has reported, and of which no address is known.
    """

    pages: tuple[Target, ...]
    unreachable: tuple[str, ...] = ()

    @property
    def agents(self) -> int:
        """How many nodes are asked for their agent's page."""
        return sum(page.kind == AGENT for page in self.pages)


def find_targets(
    nodes: Iterable[Node], frequencies: Iterable[NodeFrequencies], port: int, exporters: Sequence[str]
) -> Targets:
    """Returns the pages of agents and exporters.

    Args:
        nodes: All of them.
        frequencies: The settings objects, in whose status agents report; not every agent has one.
        port: Of the agents, on a node's internal address; an annotation on the node overrides both.
        exporters: Addresses of exporters' pages; ``{address}`` stands for each node's internal address.
    """
    reported = {one.name for one in frequencies if one.status.protocol_version}
    ordered = sorted(nodes, key=lambda node: node.name)
    addresses = {node.name: _agent_address(node, port) for node in ordered}
    named = {node.name for node in ordered if ANNOTATION_METRICS_ADDRESS in node.metadata.annotations}
    agents = [
        Target(f"http://{at}{_PAGE}", AGENT, name, expected=name in reported or name in named)
        for name, at in addresses.items()
        if at
    ]
    return Targets(
        pages=(*agents, *_exporters(ordered, exporters)),
        unreachable=tuple(name for name, at in addresses.items() if not at and name in reported | named),
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
