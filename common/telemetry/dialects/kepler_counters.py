"""Kepler up to version 0.9: counters in joules, without watts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from common.telemetry.columns import Labels
from common.telemetry.dialects.counters import mean_watts
from common.telemetry.dialects.dialect import Family, first_label
from common.telemetry.table import (
    SCOPE_NODE,
    SCOPE_PACKAGE,
    SCOPE_PACKAGE_IDLE,
    SCOPE_POD,
    SCOPE_POD_GPU,
    Place,
)

_PLATFORM = "kepler_node_platform_joules_total"
_PACKAGE = "kepler_node_package_joules_total"
_POD_PACKAGE = "kepler_container_package_joules_total"
_POD_GPU = "kepler_container_gpu_joules_total"
_POD_ALL = "kepler_container_joules_total"
_ACTIVE = '{mode!="idle"}'
_IDLE = '{mode="idle"}'
_CONTAINER = "container_id, container_namespace, pod_name, container_name, instance"


class KeplerCountersDialect:
    """Rates of the counters: of nodes dynamic and idle modes, of pods the dynamic one alone.

    Of the overlapping components packages are taken; where containers have none, everything but the GPUs,
    which others meter by device. Containers are rows of their pod, told by name. The counters of GPUs by node
    bear no UUID, so they cannot be told from what a better source says of the same boards, and are not read.
    """

    name = "kepler-0.9"
    age_limit_seconds = 120.0
    """A scrape of 30 s, and a restart, after which the counters say nothing for the length of the window."""
    window_seconds = 30.0
    """Between two scrapes, as they usually are."""
    remedy = "check that Kepler runs there and that Prometheus scrapes it; versions from 0.10 on export watts"
    reveals = (_PLATFORM, _PACKAGE, _POD_PACKAGE, _POD_ALL, _POD_GPU)
    beside: tuple[str, ...] = ()

    def families(self, present: frozenset[str]) -> Sequence[Family]:
        """Asks for machines, packages and containers, as far as this version has them."""
        known = [
            _rate(_PLATFORM, "", _machine),
            _rate(_PACKAGE, "", _package),
            _rate(_PACKAGE, _IDLE, _idle),
            _rate(_POD_PACKAGE, _ACTIVE, _pod),
            _rate(_POD_GPU, _ACTIVE, _pod_gpu, detail=True),
            _all_but_gpus(present),
        ]
        return [family for family in known if family.series in present]


def _rate(series: str, matcher: str, place: Callable[[Labels], Place], *, detail: bool = False) -> Family:
    selector = series + matcher
    return Family(series, selector, place, expression=mean_watts(selector), detail=detail)


def _all_but_gpus(present: frozenset[str]) -> Family:
    """The sum of all components without the GPUs', for containers whose packages are not told."""
    selector = _POD_ALL + _ACTIVE
    watts = everything = mean_watts(selector)
    if _POD_GPU in present:
        # group_left keeps the labels of the left side whole, so that ages find their values.
        gpus = f"on ({_CONTAINER}, mode) group_left () {mean_watts(_POD_GPU + _ACTIVE)}"
        watts = f"({everything} - {gpus} or {everything})"
    better = f" unless on ({_CONTAINER}) {_POD_PACKAGE}" if _POD_PACKAGE in present else ""
    return Family(_POD_ALL, selector, _pod, expression=watts + better, taken=f"timestamp({selector}){better}")


def _machine(labels: Labels) -> Place:
    return Place(SCOPE_NODE, node=_node(labels))


def _package(labels: Labels) -> Place:
    return Place(SCOPE_PACKAGE, node=_node(labels), device=labels.get("package", ""))


def _idle(labels: Labels) -> Place:
    return _package(labels)._replace(scope=SCOPE_PACKAGE_IDLE)


def _pod(labels: Labels) -> Place:
    return _of_pod(SCOPE_POD, labels)


def _pod_gpu(labels: Labels) -> Place:
    return _of_pod(SCOPE_POD_GPU, labels)


def _of_pod(scope: str, labels: Labels) -> Place:
    return Place(
        scope,
        namespace=first_label(labels, "container_namespace", "exported_namespace", "namespace"),
        pod=first_label(labels, "pod_name", "exported_pod", "pod"),
        container=labels.get("container_name", ""),
    )


def _node(labels: Labels) -> str:
    # Its own `instance` is the node's name, and becomes `exported_instance` without honorLabels.
    return first_label(labels, "exported_instance", "node", "instance")
