"""Our node agents: energy counters at 1 Hz, the fastest source."""

from __future__ import annotations

from collections.abc import Sequence

from common.telemetry.columns import Labels
from common.telemetry.dialects.dialect import Family
from common.telemetry.table import SCOPE_GPU, SCOPE_NODE, SCOPE_PACKAGE, Place


class ClimatikDialect:
    """``climatik_node_watts``, ``climatik_node_gpu_watts`` and ``climatik_node_cpu_watts``."""

    name = "climatik"
    age_limit_seconds = 30.0
    """Two scrapes at Prometheus' usual 15 s: one missed scrape is no reason to stop."""
    window_seconds = 1.0
    """Agents read energy counters each second."""
    remedy = "check that the node agent runs there and that Prometheus scrapes it"
    reveals = ("climatik_node_watts", "climatik_node_gpu_watts", "climatik_node_cpu_watts")
    beside: tuple[str, ...] = ()

    def families(self, present: frozenset[str]) -> Sequence[Family]:
        """Asks for whatever the agents export; their series never overlap."""
        places = {
            "climatik_node_watts": _node,
            "climatik_node_gpu_watts": _gpu,
            "climatik_node_cpu_watts": _package,
        }
        return [Family(name, name, place) for name, place in places.items() if name in present]


def _node(labels: Labels) -> Place:
    return Place(SCOPE_NODE, node=labels.get("node", ""))


def _gpu(labels: Labels) -> Place:
    return Place(SCOPE_GPU, node=labels.get("node", ""), device=labels.get("gpu_uuid", ""))


def _package(labels: Labels) -> Place:
    return Place(SCOPE_PACKAGE, node=labels.get("node", ""), device=labels.get("package", ""))
