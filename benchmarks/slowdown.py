"""Slowdown under power limits, predicted for networks that were left out.

Data: ml-energy/zeus, NSDI'23 trace (Apache-2.0); ``sweeps/zeus_<card>.csv`` under ``--data`` with the
columns ``dataset, network, batch_size, optimizer, power_limit, time_per_epoch, average_power``. Each
network in turn is predicted from all others of the same card. Errors are means over workloads and limits:
with probes over the limits that were not probed, without over all but the highest, relative to which the
slowdown is. What is known of the workload then is its draw under the highest limit.
"""

from __future__ import annotations

import csv
from argparse import Namespace
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.registry import Benchmark, Metrics, Skipped
from common.models.slowdown import SlowdownEstimate, SlowdownModel, Sweep

Array = NDArray[np.float64]

PATTERN = "zeus_*.csv"


@dataclass(frozen=True)
class Outcome:
    """Of one workload at the limits that were predicted: relative errors, and whether intervals held."""

    family: str
    probed_errors: Array
    probed_held: NDArray[np.bool_]
    bare_errors: Array
    bare_held: NDArray[np.bool_]


def run(arguments: Namespace) -> Metrics:
    """Returns the figures of every card found."""
    files = sorted((arguments.data / "sweeps").glob(PATTERN))
    if not files:
        raise Skipped(f"needs sweeps/{PATTERN} under {arguments.data}: pass --data")
    return {key: value for path in files for key, value in _measure(path).items()}


def read_sweeps(path: Path) -> list[Sweep]:
    """Returns the workloads of one card that were run under at least four limits."""
    rows: dict[tuple[str, ...], dict[float, tuple[float, float]]] = defaultdict(dict)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            key = (row["network"], row["dataset"], row["batch_size"], row["optimizer"])
            rows[key][float(row["power_limit"])] = float(row["time_per_epoch"]), float(row["average_power"])
    return [_sweep(key[0], points) for key, points in rows.items() if len(points) > 3]


def _sweep(network: str, points: dict[float, tuple[float, float]]) -> Sweep:
    limits = sorted(points)
    seconds = np.array([points[limit][0] for limit in limits])
    return Sweep(network, np.array(limits), seconds, points[limits[-1]][1])


def _measure(path: Path) -> dict[str, float | int]:
    card, sweeps = path.stem.removeprefix("zeus_"), read_sweeps(path)
    families = sorted({sweep.family for sweep in sweeps})
    outcomes = [outcome for family in families for outcome in _leave_out(sweeps, family)]
    figures: dict[str, float | int] = {
        f"{card}_workloads": len(sweeps),
        f"{card}_three_probe_mape_percent": _mean([each.probed_errors for each in outcomes]),
        f"{card}_no_probe_mape_percent": _mean([each.bare_errors for each in outcomes]),
        f"{card}_coverage_90_percent": _mean([each.probed_held for each in outcomes]),
        f"{card}_no_probe_coverage_90_percent": _mean([each.bare_held for each in outcomes]),
    }
    for family in families:
        own = [each for each in outcomes if each.family == family]
        figures[f"{card}_{family}_three_probe_mape_percent"] = _mean([each.probed_errors for each in own])
        figures[f"{card}_{family}_no_probe_mape_percent"] = _mean([each.bare_errors for each in own])
        figures[f"{card}_{family}_coverage_90_percent"] = _mean([each.probed_held for each in own])
    return figures


def _leave_out(sweeps: list[Sweep], family: str) -> list[Outcome]:
    model = SlowdownModel([sweep for sweep in sweeps if sweep.family != family])
    return [_predict(model, sweep) for sweep in sweeps if sweep.family == family]


def _predict(model: SlowdownModel, sweep: Sweep) -> Outcome:
    limits, seconds = sweep.limits_watts, sweep.seconds
    chosen = model.choose_probes(limits, sweep.draw_watts)
    probes = {float(w): float(s) for w, s in zip(limits, seconds, strict=True) if w in chosen}
    others = ~np.isin(limits, chosen)
    probed = _compare(model.estimate(limits, sweep.draw_watts, probes), seconds)
    bare = _compare(model.estimate(limits, sweep.draw_watts), seconds / seconds[-1])
    return Outcome(sweep.family, probed[0][others], probed[1][others], bare[0][:-1], bare[1][:-1])


def _compare(estimate: SlowdownEstimate, actual: Array) -> tuple[Array, NDArray[np.bool_]]:
    errors = np.abs(estimate.expected / actual - 1.0)
    return errors, (estimate.lower <= actual) & (actual <= estimate.upper)


def _mean(parts: Sequence[NDArray[np.float64] | NDArray[np.bool_]]) -> float:
    return 100.0 * float(np.concatenate(parts).mean())


BENCHMARK = Benchmark(
    name="slowdown",
    description="slowdown under power limits with three probes and with none, each network left out in turn",
    run=run,
    data=("sweeps",),
)
