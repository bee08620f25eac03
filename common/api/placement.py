"""Pods with all that decides where they may run; larger than the slim view, so only movers follow it."""

from __future__ import annotations

from typing import Any, Final

from common.api.core import Pod, PodSpec, Taint
from common.api.meta import Struct
from common.api.resource import Resource


class Toleration(Struct, frozen=True):
    """A toleration of a pod; an empty ``key`` with ``Exists`` tolerates every taint."""

    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""

    def tolerates(self, taint: Taint) -> bool:
        """Whether it lets a pod onto a node with the taint."""
        if self.effect and self.effect != taint.effect:
            return False
        if self.key and self.key != taint.key:
            return False
        if self.operator == "Exists":
            return True
        return bool(self.key) and self.operator in ("", "Equal") and self.value == taint.value


class Skipped(Struct, frozen=True):
    """Something of which only matters that it is there."""


class PlacedSpec(PodSpec, frozen=True):
    """A pod's spec with its demands on nodes; what we only pass on stays as it is on the wire."""

    node_selector: dict[str, str] = {}
    affinity: dict[str, Any] = {}
    tolerations: list[Toleration] = []
    topology_spread_constraints: list[dict[str, Any]] = []
    volumes: list[dict[str, str | Skipped]] = []
    resource_claims: list[dict[str, Any]] = []
    scheduler_name: str = ""
    host_network: bool = False


class PlacedPod(Pod, frozen=True):
    """A pod with its demands on nodes."""

    spec: PlacedSpec = PlacedSpec()


PLACED_PODS: Final = Resource(kind="Pod", plural="pods", type=PlacedPod, namespaced=True)
