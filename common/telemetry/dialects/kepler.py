"""Kepler from version 0.10 on: CPU watts of nodes and pods; GPU watts from 0.11.4 on."""

from __future__ import annotations

from collections.abc import Sequence

from common.telemetry.columns import Labels
from common.telemetry.dialects.dialect import Family, first_label
from common.telemetry.table import SCOPE_GPU, SCOPE_PACKAGE, SCOPE_POD, Place

_ZONE = "package"
_NODE_CPU = "kepler_node_cpu_watts"
_POD_CPU = "kepler_pod_cpu_watts"
_NODE_GPU = "kepler_node_gpu_watts"


class KeplerDialect:
    """RAPL zones overlap (core lies in package, package in psys), so one zone alone is asked for.

    Pods carry active power only: their sum is less than the node's.
    """

    name = "kepler"
    age_limit_seconds = 60.0
    """Kepler is scraped every 30 s in its own manifests."""
    remedy = "check that Kepler runs there with kube.enabled, and that Prometheus scrapes it"
    reveals = (_NODE_CPU, _POD_CPU, _NODE_GPU)

    def families(self, present: frozenset[str]) -> Sequence[Family]:
        """Asks for nodes, running pods and GPUs, as far as this version has them."""
        known = (
            Family(_NODE_CPU, f'{_NODE_CPU}{{zone="{_ZONE}"}}', _package),
            Family(_POD_CPU, f'{_POD_CPU}{{zone="{_ZONE}",state="running"}}', _pod),
            Family(_NODE_GPU, _NODE_GPU, _gpu),
        )
        return [family for family in known if family.series in present]


def _package(labels: Labels) -> Place:
    return Place(SCOPE_PACKAGE, node=_node(labels), device=labels.get("zone", ""))


def _pod(labels: Labels) -> Place:
    return Place(
        SCOPE_POD,
        namespace=first_label(labels, "pod_namespace", "exported_namespace", "namespace"),
        pod=first_label(labels, "pod_name", "exported_pod", "pod"),
    )


def _gpu(labels: Labels) -> Place | None:
    uuid = labels.get("gpu_uuid", "")
    return Place(SCOPE_GPU, node=_node(labels), device=uuid) if uuid else None


def _node(labels: Labels) -> str:
    return first_label(labels, "node_name", "node", "instance")
