"""One full cycle of the recommender, from objects and a reading in memory to encoded statuses.

5,000 nodes of 8 GPUs and 20 pods, a policy per 5 nodes that selects their 40 GPU pods, racks of 50 nodes:
40,000 GPUs, 100,000 pods, 1,000 policies, 101 domains. Each size runs in a process of its own; the reading
changes with every round, the objects do not (``first_seconds`` also makes the views of all pods). Parsing
Prometheus' answers and the writes themselves are not part of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import ArgumentParser, Namespace

from benchmarks.registry import Benchmark, Metrics

_FULL = 5000
_SMALLER = (100, 1000)
_DEADLINE_SECONDS = 600


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the size and how often is measured."""
    parser.add_argument("--nodes", type=int, default=_FULL, help="nodes of the full size")
    parser.add_argument("--rounds", type=int, default=3, help="cycles per size, after a first one")


def run(arguments: Namespace) -> Metrics:
    """Returns the full size's figures, and seconds and memory of the smaller ones."""
    full = _measure(arguments.nodes, arguments.rounds)
    metrics: dict[str, float | int | str] = {"nodes": arguments.nodes, **full}
    for nodes in (size for size in _SMALLER if size < arguments.nodes):
        side = _measure(nodes, arguments.rounds)
        metrics[f"seconds_{nodes}"] = side["seconds"]
        metrics[f"peak_mib_{nodes}"] = side["peak_mib"]
    return metrics


def _measure(nodes: int, rounds: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.cycle.side", str(nodes), str(rounds)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_DEADLINE_SECONDS)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


BENCHMARK = Benchmark(
    name="cycle",
    description="one full cycle of the recommender at 5,000 nodes: seconds, peak memory, growth from 100",
    run=run,
    add_arguments=add_arguments,
)
