"""Attribution of a large cluster that is measured in all the ways at once.

Of ten nodes, four have our agent and the DCGM exporter, two Kepler and DCGM, two also an old Kepler beside
the new one, one DCGM alone, and one nothing. Each has 8 GPUs and 20 pods: on one node of ten GPUs are shared,
on another they are MIG instances with a use; 1 % of the pods came and 1 % went within the last 20 s. The
balance is of what is told of each pod, added up one by one, against each node's total.
"""

from __future__ import annotations

import statistics
import time
from argparse import ArgumentParser, Namespace
from collections import defaultdict

from benchmarks.attribution.world import AT, WINDOWS, World, make_world
from benchmarks.registry import Benchmark, Metrics
from recommender.logic.attribute import attribute
from recommender.model.draws import Draws

_NODES = 5000


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the size and how often is measured."""
    parser.add_argument("--nodes", type=int, default=_NODES, help="nodes of 8 GPUs and 20 pods")
    parser.add_argument("--rounds", type=int, default=5, help="attributions, after a first one")


def run(arguments: Namespace) -> Metrics:
    """Returns the worst error of a node's balance, and the median time of an attribution."""
    world = make_world(arguments.nodes, seed=1)
    took, processor = [], []
    for _ in range(arguments.rounds + 1):
        began, worked = time.perf_counter(), time.process_time()
        draws = _attribute(world)
        took.append(time.perf_counter() - began)
        processor.append(time.process_time() - worked)
    return {
        "nodes": arguments.nodes,
        "gpus": sum(len(view.gpus) for view in world.nodes.values()),
        "measured_gpus": len(draws.gpus),
        "pods": len(world.pods),
        "rows": len(world.table),
        "measured_pods": len(draws.pods),
        "ended_pods": len(draws.ended),
        "estimated_nodes": len(draws.estimates),
        "balance_error_percent": worst_error_percent(world, draws),
        "seconds": statistics.median(took[1:]),
        "seconds_min": min(took[1:]),
        "seconds_max": max(took[1:]),
        "processor_seconds": statistics.median(processor[1:]),
    }


def worst_error_percent(world: World, draws: Draws) -> float:
    """Returns how far pods + idle + unattributed are from the total, of the node where that is worst."""
    place = {pod.key: pod.node for pod in (*world.pods, *world.ended)}
    pods: dict[str, float] = defaultdict(float)
    for key, draw in (*draws.pods.items(), *draws.ended.items()):
        pods[place[key]] += sum(draw.containers.values())
    errors = [
        abs(pods[name] + node.idle_watts + node.unattributed_watts - node.total_watts) / node.total_watts
        for name, node in draws.nodes.items()
        if node.total_watts
    ]
    return 100.0 * max(errors)


def _attribute(world: World) -> Draws:
    return attribute(world.table, world.pods, WINDOWS, nodes=world.nodes, ended=world.ended, at=AT)


BENCHMARK = Benchmark(
    name="attribution",
    description="whose watts: 5,000 nodes, 40,000 GPUs, 100,000 pods: error of the balance, and seconds",
    run=run,
    add_arguments=add_arguments,
)
