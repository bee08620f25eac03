"""What a pod asks of a node, and what is left on one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from common.api.core import Container, Node, Pod
from common.api.quantity import parse_quantity

Amounts = Mapping[str, float]
"""Amounts by resource name, in the resource's own unit."""

_OVER = ("Succeeded", "Failed")
_NONE: dict[str, str] = {}


def demand(pod: Pod) -> Counter[str]:
    """Returns what the scheduler counts for a pod.

    All containers together with the sidecars, or the largest init container where that is more, and one of
    ``pods``.
    """
    running = _sum(pod.spec.containers or ())
    start: Counter[str] = Counter()
    for container in pod.spec.init_containers:
        if container.restart_policy == "Always":
            running += _asked(container)
        else:
            start |= running + _asked(container) - _sum(pod.spec.containers or ())
    total = running | start
    total["pods"] = 1
    return total


def free(node: Node, pods: Iterable[Pod]) -> dict[str, float]:
    """Returns what is left on a node beside the pods that are bound to it."""
    left = {name: parse_quantity(amount) or 0.0 for name, amount in node.status.allocatable.items()}
    for pod in pods:
        if pod.status.phase not in _OVER:
            take(left, demand(pod))
    return left


def take(left: dict[str, float], wanted: Amounts) -> None:
    """Takes amounts from what is left; what a node does not have goes below zero."""
    for name, amount in wanted.items():
        left[name] = left.get(name, 0.0) - amount


def lacking(left: Amounts, wanted: Amounts) -> str:
    """Returns the first resource of which too little is left; empty where all of it fits."""
    return next((name for name in sorted(wanted) if wanted[name] > left.get(name, 0.0) + 1e-9), "")


def _sum(containers: Iterable[Container]) -> Counter[str]:
    total: Counter[str] = Counter()
    for container in containers:
        total += _asked(container)
    return total


def _asked(container: Container) -> Counter[str]:
    """Returns requests; limits count where requests say nothing, as the API server fills them in."""
    asked = {**container.resources.limits, **container.resources.requests}
    amounts: Counter[str] = Counter()
    for name, amount in asked.items():
        amounts[name] = parse_quantity(amount) or 0.0  # type: ignore[assignment]
    return amounts
