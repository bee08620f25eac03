"""Hottest inlet of a room at half load: watts placed by heat against the same watts everywhere.

The room and its recirculation matrix are synthetic (see ``room``); rooms are drawn by seed. Three
figures: the coolest split of half of all watts against the uniform one; how near a scheduler comes that
places one server after the other by the published scores; and how many watts fit under an inlet limit.
"""

from __future__ import annotations

import statistics
import time
from argparse import ArgumentParser, Namespace

import numpy as np

from benchmarks.heat.room import made_up_room
from benchmarks.registry import Benchmark, Metrics
from common.heat import Recirculation, coolest_split, placement_scores, watts_under_limits
from common.heat.recirculation import Floats

_RACKS = 40
_SERVERS_PER_RACK = 4
_SERVER_WATTS = 5700.0
_IDLE_SHARE = 0.2
_LIMIT_DEGREES = 27.0
"""Upper end of what ASHRAE recommends at the inlet."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the room and how often."""
    parser.add_argument("--seeds", type=int, default=5, help="rooms that are drawn")
    parser.add_argument("--load-percent", type=float, default=50.0, help="of all watts")


def run(arguments: Namespace) -> Metrics:
    """Returns medians over the rooms, and the worst."""
    each = [_measure(seed, arguments.load_percent / 100.0) for seed in range(1, arguments.seeds + 1)]
    metrics: dict[str, float | int | str] = {
        name: statistics.median(figures[name] for figures in each) for name in each[0]
    }
    lowered = [figures["peak_inlet_lowered_celsius"] for figures in each]
    return {**metrics, "peak_inlet_lowered_worst_celsius": min(lowered), "rooms": len(each)}


def _measure(seed: int, load_share: float) -> dict[str, float]:
    full = _SERVERS_PER_RACK * _SERVER_WATTS
    room = made_up_room(_RACKS, full, _LIMIT_DEGREES, seed)
    most = np.full(_RACKS, full)
    least = _IDLE_SHARE * most
    load = load_share * float(most.sum())
    uniform = float(room.inlets(load_share * most).max())
    start = time.perf_counter()
    split = coolest_split(room, load, least, most)
    took = time.perf_counter() - start
    placed = float(room.inlets(_placed(room, least, most, load)).max())
    start = time.perf_counter()
    within = watts_under_limits(room, most, least)
    caps_took = time.perf_counter() - start
    even = float((room.limit - room.supply).min() / room.degrees_per_watt.sum(axis=1).max()) * _RACKS
    return {
        "peak_inlet_lowered_celsius": uniform - split.hottest,
        "lowered_at_most_celsius": uniform - split.bound,
        "placed_by_score_lowered_celsius": uniform - placed,
        "uniform_peak_inlet_celsius": uniform,
        "kilowatts_under_limit": float(within.sum()) / 1000.0,
        "uniform_kilowatts_under_limit": even / 1000.0,
        "split_milliseconds": 1000.0 * took,
        "caps_milliseconds": 1000.0 * caps_took,
    }


def _placed(room: Recirculation, least: Floats, most: Floats, load: float) -> Floats:
    """Returns what racks draw when one server's load after the other goes where the score is best."""
    watts = least.copy()
    piece = (most - least) / _SERVERS_PER_RACK
    while watts.sum() < load - 1.0:
        scores = placement_scores(room, watts)
        scores[watts + piece > most + 1.0] = -1
        rack = int(scores.argmax())
        watts[rack] += min(float(piece[rack]), load - float(watts.sum()))
    return watts


BENCHMARK = Benchmark(
    name="heat",
    description="hottest inlet of a made-up room at half load, placed by heat against uniform",
    run=run,
    add_arguments=add_arguments,
)
