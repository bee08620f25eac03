"""Slowdown curves against what inference servers really did when their GPUs were limited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from common.api.meta import object_key
from common.telemetry.load import LoadTable
from recommender.model.board import Board
from recommender.model.draws import Draws
from recommender.model.pods import PodView
from recommender.model.slowdowns import SlowdownLibrary

_SHARE = 0.1
_LIKE_LOAD = 0.25
"""Relative difference of the requests at once up to which two moments are compared."""


@dataclass(frozen=True)
class _Moment:
    """Means over the replicas of a workload: time between tokens, requests, and a GPU's draw and limit."""

    token_seconds: float
    running: float
    draw_watts: float
    limit_watts: float
    floor_watts: int
    ceiling_watts: int


class SlowdownCheck:
    """Remembers each workload's pace without limits, and compares when there are some."""

    def __init__(self, library: SlowdownLibrary) -> None:
        self._library = library
        self._free: dict[tuple[str, str], _Moment] = {}

    def observe(
        self, pods: Iterable[PodView], draws: Draws, boards: Mapping[str, Board], load: LoadTable
    ) -> list[float]:
        """Returns |measured - predicted| / measured of the time between tokens of limited workloads."""
        rows = {object_key(server.pod, server.namespace): row for row, server in enumerate(load.servers)}
        workloads: dict[tuple[str, str], list[tuple[PodView, int]]] = defaultdict(list)
        for pod in pods if rows else ():
            if pod.key in rows and pod.key in draws.pods:
                workloads[pod.namespace, pod.workload].append((pod, rows[pod.key]))
        self._free = {key: moment for key, moment in self._free.items() if key in workloads}
        return list(self._errors(workloads, draws, boards, load))

    def _errors(
        self, workloads: Mapping[tuple[str, str], Sequence[tuple[PodView, int]]], draws: Draws,
        boards: Mapping[str, Board], load: LoadTable,
    ) -> Iterator[float]:  # fmt: skip
        for key, replicas in workloads.items():
            held = [
                boards[uuid] for pod, _ in replicas for uuid in draws.pods[pod.key].gpus if uuid in boards
            ]
            now = _moment(held, load, [row for _, row in replicas])
            if now is None:
                continue
            before = self._free.get(key)
            if not any(board.limit_watts for board in held):
                self._free[key] = now if before is None else _towards(before, now)
            elif before is not None and abs(now.running / before.running - 1.0) <= _LIKE_LOAD:
                yield self._error(key[1], before, now)

    def _error(self, workload: str, free: _Moment, now: _Moment) -> float:
        curve = self._library.estimate(workload, now.floor_watts, now.ceiling_watts, free.draw_watts)
        slower = float(curve.estimate.curve.slowdown(np.array(now.limit_watts)))
        measured = now.token_seconds / free.token_seconds
        return abs(measured - (1.0 + slower)) / measured


def _moment(held: Sequence[Board], load: LoadTable, rows: Sequence[int]) -> _Moment | None:
    """Returns the present means; None where nothing runs, or limits are on some of the GPUs only."""
    limits = [board.limit_watts for board in held]
    seconds, running = load.next_token_seconds[rows], load.running[rows]
    known = np.isfinite(seconds) & (seconds > 0) & (running > 0)
    if not held or not known.any() or (any(limits) and not all(limits)):
        return None
    ceiling, floor = max(board.ceiling_watts for board in held), min(board.floor_watts for board in held)
    if not 0 <= floor < ceiling:
        return None
    draw = fmean(board.draw_watts for board in held)
    return _Moment(
        float(seconds[known].mean()), float(running[known].mean()), draw, fmean(limits), floor, ceiling
    )


def _towards(before: _Moment, now: _Moment) -> _Moment:
    return _Moment(
        before.token_seconds + _SHARE * (now.token_seconds - before.token_seconds),
        before.running + _SHARE * (now.running - before.running),
        before.draw_watts + _SHARE * (now.draw_watts - before.draw_watts),
        0.0,
        now.floor_watts,
        now.ceiling_watts,
    )
