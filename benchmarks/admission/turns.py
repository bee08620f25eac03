"""Variants by turns on one control plane: what each adds to a creation, in latency and in processor time."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.admission.cost import read
from benchmarks.admission.floor import ALLOWED, PATCHED, TESTED
from benchmarks.admission.load import Load, Outcome, send
from deploy.local.cluster import LocalCluster
from deploy.local.processes import ProcessSet

NONE, OURS, VPA = "without", "ours", "vpa"
FLOORS = {ALLOWED: "floor-allowed", TESTED: "floor-tested", PATCHED: "floor"}
"""Variants, which are namespaces, too."""

CALLED = {
    OURS: {"pods.climatik.io"},
    VPA: {"vpa.k8s.io"},
    FLOORS[ALLOWED]: {"allowed.floor.example.com"},
    FLOORS[TESTED]: {"tested.floor.example.com"},
    FLOORS[PATCHED]: {"patched.floor.example.com"},
}

ADDED = {
    OURS: "added_create",
    VPA: "vpa_added_create",
    FLOORS[PATCHED]: "floor_added_create",
    FLOORS[TESTED]: "floor_tested_added_create",
    FLOORS[ALLOWED]: "floor_allowed_added_create",
}


@dataclass(frozen=True)
class Turn:
    """One round of one variant: latencies, and processor milliseconds for each create."""

    outcome: Outcome
    server_milliseconds: float
    webhook_milliseconds: float


class Turns:
    """Runs variants by turns, and counts what each of them costs."""

    def __init__(self, cluster: LocalCluster, processes: ProcessSet, loads: dict[str, Load]) -> None:
        self._cluster = cluster
        self._processes = processes
        self._loads = loads

    def run(self, rounds: int) -> dict[str, list[Turn]]:
        """Each round has every variant once, beginning with another one each time."""
        turns: dict[str, list[Turn]] = {variant: [] for variant in self._loads}
        variants = list(self._loads)
        for number in range(rounds):
            first = number % len(variants)
            for variant in variants[first:] + variants[:first]:
                turns[variant].append(self._turn(variant))
        return turns

    def _turn(self, variant: str) -> Turn:
        load = self._loads[variant]
        before = read(self._cluster, self._processes)
        outcome = send(load)
        after = read(self._cluster, self._processes)
        called = {
            name for name, calls in after.calls.items() if calls - before.calls.get(name, 0) >= load.requests
        }
        if called != CALLED.get(variant, set()):
            raise RuntimeError(f"{variant}: called were {called or 'no webhooks'}")
        return Turn(
            outcome,
            1e3 * (after.server_seconds - before.server_seconds) / load.requests,
            1e3 * (after.webhook_seconds - before.webhook_seconds) / load.requests,
        )


def metrics_of(turns: dict[str, list[Turn]]) -> dict[str, float | int | str]:
    metrics: dict[str, float | int | str] = {}
    for variant, runs in turns.items():
        name = f"create_{variant.replace('-', '_')}"
        metrics |= {
            f"{name}_p50_milliseconds": round(statistics.median(_medians(runs)), 2),
            f"{name}_per_second": round(statistics.median(each.outcome.per_second for each in runs)),
            f"{name}_server_cpu_milliseconds": _mean(each.server_milliseconds for each in runs),
            f"{name}_webhook_cpu_milliseconds": _mean(each.webhook_milliseconds for each in runs),
        }
    for variant in turns.keys() - {NONE}:
        metrics |= _spread(ADDED[variant], _added(turns, variant))
        metrics[f"{ADDED[variant]}_cpu_milliseconds"] = round(_added_cpu(turns, variant), 2)
    if VPA in turns:
        for variant in (OURS, FLOORS[PATCHED]):
            share = statistics.median(_added(turns, variant)) / statistics.median(_added(turns, VPA))
            metrics[f"{ADDED[variant]}_share_of_vpa"] = round(share, 2)
            metrics[f"{ADDED[variant]}_cpu_share_of_vpa"] = round(
                _added_cpu(turns, variant) / _added_cpu(turns, VPA), 2
            )
    return dict(sorted(metrics.items()))


def _medians(runs: list[Turn]) -> list[float]:
    return [each.outcome.milliseconds(0.5) for each in runs]


def _mean(values: Iterable[float]) -> float:
    return round(statistics.fmean(values), 3)


def _added_cpu(turns: dict[str, list[Turn]], variant: str) -> float:
    """Processor milliseconds that a variant adds to a create, in the API server and in webhooks."""
    used = {
        one: statistics.fmean(each.server_milliseconds + each.webhook_milliseconds for each in turns[one])
        for one in (variant, NONE)
    }
    return used[variant] - used[NONE]


def _added(turns: dict[str, list[Turn]], variant: str) -> list[float]:
    """What a variant adds to the median latency, round by round."""
    pairs = zip(_medians(turns[variant]), _medians(turns[NONE]), strict=True)
    return [one - none for one, none in pairs]


def _spread(name: str, values: list[float]) -> dict[str, float]:
    """The median over the rounds, and the quartiles."""
    low, middle, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
    return {
        f"{name}_milliseconds": round(middle, 2),
        f"{name}_low_milliseconds": round(low, 2),
        f"{name}_high_milliseconds": round(high, 2),
    }
