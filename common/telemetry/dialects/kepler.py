"""Kepler from version 0.10 on: CPU watts of nodes, pods and containers; GPU watts from 0.11.4 on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from common.telemetry.columns import Labels
from common.telemetry.dialects.dialect import Family, first_label
from common.telemetry.table import (
    SCOPE_CONTAINER,
    SCOPE_GPU,
    SCOPE_PACKAGE,
    SCOPE_PACKAGE_IDLE,
    SCOPE_POD,
    SCOPE_POD_GPU,
    Place,
)

ZONES = ("package(-[0-9]+)?", "psys", "core(-[0-9]+)?")
"""Patterns of RAPL zones, best first. They overlap (core lies in package, package in psys): one counts."""
NODE_CPU = "kepler_node_cpu_watts"
POD_CPU = "kepler_pod_cpu_watts"
_NODE_IDLE = "kepler_node_cpu_idle_watts"
_CONTAINER_CPU = "kepler_container_cpu_watts"
_NODE_GPU = "kepler_node_gpu_watts"
_POD_GPU = "kepler_pod_gpu_watts"
_LIVING = 'state!="terminated"'
_NODE = "node_name, instance"
_POD = "node_name, instance, pod_id"


class KeplerDialect:
    """One zone of each node is asked for: that of the packages where there is one.

    Pods and containers carry active power only: their sum is less than the node's. Containers bear no pod
    name, which is joined from the pods by ``pod_id``. GPU series of pods do not tell which GPU.
    """

    name = "kepler"
    age_limit_seconds = 60.0
    """Kepler is scraped every 30 s in its own manifests."""
    window_seconds = 5.0
    """Kepler's own interval."""
    remedy = "check that Kepler runs there with kube.enabled, and that Prometheus scrapes it"
    reveals = (NODE_CPU, POD_CPU, _CONTAINER_CPU, _NODE_GPU, _POD_GPU)
    beside = (_NODE_IDLE,)

    def families(self, present: frozenset[str]) -> Sequence[Family]:
        """Asks for nodes, living pods and GPUs, as far as this version has them."""
        known = [
            _cpu(NODE_CPU, "", _NODE, _package),
            _cpu(_NODE_IDLE, "", _NODE, _idle),
            _cpu(POD_CPU, _LIVING, _POD, _pod),
            Family(_NODE_GPU, _NODE_GPU, _gpu),
            Family(_POD_GPU, f"{_POD_GPU}{{{_LIVING}}}", _pod_gpu, detail=True),
        ]
        if POD_CPU in present:
            known.append(_containers())
        return [family for family in known if family.series in present]


def _zone(series: str, zone: str, matcher: str = "") -> str:
    return f'{series}{{{matcher}{"," if matcher else ""}zone=~"{zone}"}}'


def _best_zone(series: str, matcher: str, owner: str, wrap: str = "{}") -> str:
    """Returns the expression that takes, for each owner, the best zone that it has."""
    return f" or on ({owner}) ".join(wrap.format(_zone(series, zone, matcher)) for zone in ZONES)


def _cpu(series: str, matcher: str, owner: str, place: Callable[[Labels], Place]) -> Family:
    selector = _zone(series, "|".join(ZONES), matcher)
    values = _best_zone(series, matcher, owner)
    times = _best_zone(series, matcher, owner, "timestamp({})")
    return Family(series, selector, place, expression=values, taken=times)


def _containers() -> Family:
    """The group on the right is 1 for each pod, so that the join adds its name and keeps the value."""
    names = f"group by ({_POD}, pod_name, pod_namespace) ({POD_CPU}{{{_LIVING}}})"
    join = f" * on ({_POD}) group_left (pod_name, pod_namespace) {names}"
    owner = f"{_POD}, container_id"
    values = _best_zone(_CONTAINER_CPU, _LIVING, owner)
    times = _best_zone(_CONTAINER_CPU, _LIVING, owner, "timestamp({})")
    return Family(
        _CONTAINER_CPU, _CONTAINER_CPU, _container,
        expression=f"({values}){join}", taken=f"({times}){join}", detail=True,
    )  # fmt: skip


def _package(labels: Labels) -> Place:
    return Place(SCOPE_PACKAGE, node=_node(labels), device=labels.get("zone", ""))


def _idle(labels: Labels) -> Place:
    return _package(labels)._replace(scope=SCOPE_PACKAGE_IDLE)


def _pod(labels: Labels) -> Place:
    return _of_pod(SCOPE_POD, labels)


def _pod_gpu(labels: Labels) -> Place:
    return _of_pod(SCOPE_POD_GPU, labels)


def _container(labels: Labels) -> Place:
    return _of_pod(SCOPE_CONTAINER, labels)._replace(container=labels.get("container_name", ""))


def _of_pod(scope: str, labels: Labels) -> Place:
    return Place(
        scope,
        node=first_label(labels, "node_name", "node"),
        namespace=first_label(labels, "pod_namespace", "exported_namespace", "namespace"),
        pod=first_label(labels, "pod_name", "exported_pod", "pod"),
    )


def _gpu(labels: Labels) -> Place | None:
    uuid = labels.get("gpu_uuid", "")
    return Place(SCOPE_GPU, node=_node(labels), device=uuid) if uuid else None


def _node(labels: Labels) -> str:
    return first_label(labels, "node_name", "node", "instance")
