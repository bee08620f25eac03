"""First sync of pods from a real API server: our informer against the official client's typed list."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from benchmarks.registry import Benchmark, Metrics
from benchmarks.sync.pods import create_pods
from deploy.local.cluster import LocalCluster

_FIGURES = ("seconds", "cpu_seconds", "added_mib")
_ROUND_SECONDS = 600


def add_arguments(parser: ArgumentParser) -> None:
    """Declares size, repetitions and an existing cluster."""
    parser.add_argument("--pods", type=int, default=10_000, help="pods to create")
    parser.add_argument("--rounds", type=int, default=3, help="fresh processes of each side, in turn")
    parser.add_argument("--kubeconfig", default="", help="measure this cluster as it is; start none")


def run(arguments: Namespace) -> Metrics:
    """Returns medians over the rounds, with the spread (largest minus smallest) of each."""
    if arguments.kubeconfig:
        return measure(arguments.kubeconfig, arguments.rounds)
    print("starting a control plane", file=sys.stderr, flush=True)
    with LocalCluster() as cluster:
        create_pods(str(cluster.kubeconfig), arguments.pods)
        return measure(str(cluster.kubeconfig), arguments.rounds)


def measure(kubeconfig: str, rounds: int) -> Metrics:
    """Measures both sides in turn, so that a drift of the machine hits both."""
    ours, official = [], []
    for number in range(1, rounds + 1):
        ours.append(_measure_side("ours", kubeconfig))
        official.append(_measure_side("official", kubeconfig))
        took = f"{ours[-1]['seconds']:.2f} s ours, {official[-1]['seconds']:.2f} s official"
        print(f"round {number} of {rounds}: {took}", file=sys.stderr, flush=True)
    ours_seconds = statistics.median(side["seconds"] for side in ours)
    official_seconds = statistics.median(side["seconds"] for side in official)
    return {
        "pods": int(ours[-1]["objects"]),
        "rounds": rounds,
        **_summary("", ours),
        **_summary("official_", official),
        "official_over_ours_ratio": official_seconds / ours_seconds,
    }


def _measure_side(side: str, kubeconfig: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.sync.side", side, kubeconfig]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_ROUND_SECONDS)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _summary(prefix: str, rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    summary = {}
    for figure in _FIGURES:
        values = [each[figure] for each in rounds]
        summary[f"{prefix}{figure}"] = statistics.median(values)
        summary[f"{prefix}{figure}_spread"] = max(values) - min(values)
    return summary


BENCHMARK = Benchmark(
    name="sync",
    description="first sync of 10,000 pods: seconds, CPU and added memory, ours against the official client",
    run=run,
    add_arguments=add_arguments,
)
