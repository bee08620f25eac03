"""Who holds which GPU, as last told: a running pod keeps its GPUs, whoever falls silent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from recommender.model.draws import Draws, PodDraw
from recommender.model.pods import PodView

T = TypeVar("T")


class LastKnown:
    """Adds to the present draws what was told last of pods that are told of no more."""

    def __init__(self) -> None:
        self._known = Draws()
        self._pods: Sequence[PodView] = ()

    def take(self, now: Draws, pods: Sequence[PodView]) -> Draws:
        """Returns the present draws, completed.

        A pod that nobody measures now is as it was; one whose GPUs nobody tells now holds the same. GPUs that
        are told to be another pod's are no longer its own, and a pod made anew under its name is another one.

        Args:
            now: From fresh rows only.
            pods: Running pods.
        """
        silent = [key for key, draw in self._known.pods.items() if not _is_told(draw, now.pods.get(key))]
        same = _unchanged(self._pods, pods, frozenset(silent)) if silent else frozenset()
        taken = {uuid for uuid, holders in now.holders.items() if holders}
        kept = [key for key in silent if key in same and taken.isdisjoint(self._known.pods[key].gpus)]
        self._known, self._pods = _completed(now, self._known, kept) if kept else now, pods
        return self._known


def _is_told(before: PodDraw, now: PodDraw | None) -> bool:
    return now is not None and bool(now.gpus or not before.gpus)


def _unchanged(before: Iterable[PodView], now: Iterable[PodView], keys: frozenset[str]) -> frozenset[str]:
    """Returns which of some pods ran before and still do, on the same node."""
    places = {pod.key: (pod.node, pod.started) for pod in before if pod.key in keys}
    return frozenset(pod.key for pod in now if places.get(pod.key) == (pod.node, pod.started))


def _completed(now: Draws, before: Draws, keys: Sequence[str]) -> Draws:
    gpus = {uuid for key in keys for uuid in before.pods[key].gpus}
    return replace(
        now,
        pods={**now.pods, **dict(_pods(now, before, keys))},
        gpus={**_only(before.gpus, gpus), **now.gpus},
        gpu_node={**_only(before.gpu_node, gpus), **now.gpu_node},
        holders={**now.holders, **_holders(before, keys)},
    )


def _pods(now: Draws, before: Draws, keys: Iterable[str]) -> Iterator[tuple[str, PodDraw]]:
    for key in keys:
        present, last = now.pods.get(key), before.pods[key]
        # Without a meter of pods the processors are shared out by GPUs: holders untold, their part is, too.
        host = present.host_watts or last.host_watts if present else last.host_watts
        yield key, (present or last)._replace(gpus=last.gpus, host_watts=host)


def _holders(before: Draws, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key in keys:
        for uuid in before.pods[key].gpus:
            found.setdefault(uuid, []).append(key)
    return {uuid: tuple(holders) for uuid, holders in found.items()}


def _only(values: Mapping[str, T], names: set[str]) -> dict[str, T]:
    return {name: value for name, value in values.items() if name in names}
