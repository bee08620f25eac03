"""What the containers of each workload have drawn per replica, by histogram."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from common.models.draw_histogram import DrawHistogram
from recommender.model.draws import Draws
from recommender.model.pods import PodView

_FORGET_AFTER_SECONDS = 8 * 24 * 3600.0


class ContainerKey(NamedTuple):
    """A container of a workload."""

    namespace: str
    workload: str
    container: str


class Usage:
    """Histograms by container; those without a sample for eight days are forgotten."""

    def __init__(self) -> None:
        self._histograms: dict[ContainerKey, DrawHistogram] = {}
        self._last: dict[ContainerKey, float] = {}

    def histogram(self, key: ContainerKey) -> DrawHistogram | None:
        """Returns what is known of a container; None without a sample."""
        return self._histograms.get(key)

    def observe(self, at: float, pods: Iterable[PodView], draws: Draws, held: Mapping[str, bool]) -> None:
        """Adds one sample per replica.

        Args:
            at: Unix seconds.
            pods: Running pods.
            draws: What they draw.
            held: Whether a pod's devices are at their limits. Such a draw shows the limit, not the demand: it
                counts only where it is above what is known.
        """
        for pod in pods:
            draw = draws.pods.get(pod.key)
            for container, watts in (draw.containers if draw else {}).items():
                key = ContainerKey(pod.namespace, pod.workload, container)
                self._add(key, at, watts, censored=held.get(pod.key, False))
        self._forget(at)

    def _add(self, key: ContainerKey, at: float, watts: float, *, censored: bool) -> None:
        histogram = self._histograms.setdefault(key, DrawHistogram())
        self._last[key] = at
        if not censored or watts >= histogram.quantile(0.95):
            histogram.add(at, watts)

    def _forget(self, at: float) -> None:
        for key in [key for key, last in self._last.items() if at - last > _FORGET_AFTER_SECONDS]:
            del self._histograms[key], self._last[key]
