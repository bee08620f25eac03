"""What the containers of each workload have drawn per replica, by histogram."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
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
        self.histograms: dict[ContainerKey, DrawHistogram] = {}
        self.kinds: dict[ContainerKey, str] = {}
        self._of_kind: dict[str, set[ContainerKey]] = defaultdict(set)

    def histogram(self, key: ContainerKey) -> DrawHistogram | None:
        """Returns what is known of a container; None without a sample."""
        return self.histograms.get(key)

    def alike(self, kind: str) -> DrawHistogram:
        """Returns what all containers of one kind have drawn; empty where there is none."""
        # A kind is noted before its first sample, which may be long in coming where nothing is measured.
        keys = self._of_kind.get(kind, set()) & self.histograms.keys()
        return DrawHistogram.merged(self.histograms[key] for key in keys)

    def observe(
        self, at: float, pods: Iterable[PodView], draws: Draws, held: Mapping[str, bool],
        uncapped: Mapping[str, float] | None = None,
    ) -> None:  # fmt: skip
        """Adds one sample per replica.

        Args:
            at: Unix seconds.
            pods: Running pods.
            draws: What they draw.
            held: Whether a pod's devices are at their limits. Such a draw shows the limit, not the demand: it
                counts only where it is above what is known.
            uncapped: What held pods would draw at their load if nothing held them, as far as a model can
                tell, by key; it counts instead.
        """
        expected = uncapped or {}
        for pod in pods:
            draw = draws.pods.get(pod.key)
            for container, watts in (draw.containers if draw else {}).items():
                key = ContainerKey(pod.namespace, pod.workload, container)
                if pod.key in expected and container == pod.gpu_container:
                    self._add(key, at, max(watts, expected[pod.key]), censored=False)
                else:
                    self._add(key, at, watts, censored=held.get(pod.key, False))
        self._forget(at)

    def is_of_kind(self, key: ContainerKey, kind: str) -> None:
        """Notes of which kind a container is; it may change with an update of the workload."""
        before = self.kinds.get(key)
        if before != kind:
            if before is not None:
                self._of_kind[before].discard(key)
            self.kinds[key] = kind
            self._of_kind[kind].add(key)

    def only_kinds_of(self, running: Collection[ContainerKey]) -> None:
        """Drops the kinds of containers that neither run nor have a histogram."""
        gone = [key for key in self.kinds if key not in self.histograms and key not in running]
        for key in gone:
            self._of_kind[self.kinds.pop(key)].discard(key)

    def restore(self, key: ContainerKey, kind: str, histogram: DrawHistogram) -> None:
        """Takes a histogram from a checkpoint, where there is none yet."""
        if key not in self.histograms:
            self.histograms[key] = histogram
            if kind:
                self.is_of_kind(key, kind)

    def _add(self, key: ContainerKey, at: float, watts: float, *, censored: bool) -> None:
        histogram = self.histograms.setdefault(key, DrawHistogram())
        if not censored or watts >= histogram.quantile(0.95):
            histogram.add(at, watts)
        else:
            histogram.heard(at)

    def _forget(self, at: float) -> None:
        silent = [key for key, one in self.histograms.items() if at - one.last > _FORGET_AFTER_SECONDS]
        for key in silent:
            del self.histograms[key]
            self._of_kind[self.kinds.pop(key, "")].discard(key)
