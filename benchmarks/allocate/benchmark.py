"""Division of nested caps by marginal value: how fast, and how far from a linear program's optimum.

Speed: clusters of 8 devices per node under racks of 25 nodes, five straight steps per curve, caps that bind
at every level; the whole division from a snapshot, floors included, median of rounds. Optimality: random
nested instances of up to 60 members under up to 16 groups, against HiGHS.
"""

from __future__ import annotations

import statistics
import time
from argparse import ArgumentParser, Namespace

from benchmarks.allocate.instances import datacenter, random_nesting
from benchmarks.registry import Benchmark, Metrics, Skipped
from common.algorithms.caps import over_cap
from common.algorithms.protocol import Snapshot
from common.algorithms.water_filling import divide

_DEVICES = 8
_NODES_PER_RACK = 25


def add_arguments(parser: ArgumentParser) -> None:
    """Declares how often is measured."""
    parser.add_argument("--rounds", type=int, default=30, help="divisions per size")
    parser.add_argument("--instances", type=int, default=200, help="random instances against HiGHS")


def run(arguments: Namespace) -> Metrics:
    """Returns medians with their fastest and slowest rounds, and the worst gap to the optimum."""
    metrics: dict[str, float | int | str] = {}
    for nodes in (1000, 5000):
        took = _milliseconds(datacenter(nodes, nodes // _NODES_PER_RACK, _DEVICES, seed=1), arguments.rounds)
        metrics[f"milliseconds_{nodes}"] = statistics.median(took)
        metrics[f"fastest_milliseconds_{nodes}"] = min(took)
        metrics[f"slowest_milliseconds_{nodes}"] = max(took)
    gaps = [_gap(random_nesting(seed)) for seed in range(arguments.instances)]
    return {**metrics, "instances": len(gaps), "worst_objective_gap": max(gaps)}


def _milliseconds(snapshot: Snapshot, rounds: int) -> list[float]:
    divide(snapshot)
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        divide(snapshot)
        took.append(1000 * (time.perf_counter() - start))
    return took


def _gap(snapshot: Snapshot) -> float:
    """Returns the distance to the optimum relative to it; infinite for a division that breaks a cap."""
    try:
        from benchmarks.allocate.optimum import best_value, served_value  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise Skipped("needs highspy as the judge: pip install 'climatik[exact]'") from error
    watts = divide(snapshot)
    if over_cap(snapshot.caps, snapshot.group, watts).any():
        return float("inf")
    best = best_value(snapshot)
    return abs(best - served_value(snapshot, watts)) / max(1.0, abs(best))


BENCHMARK = Benchmark(
    name="allocate",
    description="exact division of nested caps by value: milliseconds, and the gap to a linear program",
    run=run,
    add_arguments=add_arguments,
)
