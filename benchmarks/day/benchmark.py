"""A day of three services under a cap on the twin, with the planner and without.

Data under ``--data``: ``load/servegen_*_days*.csv`` (alibaba/ServeGen, Apache-2.0: rates by ten minutes; a
day after the first seven, which forecasts are fitted on), ``load/azure*.csv`` (Azure/AzurePublicDataset, LLM
inference trace, CC-BY-4.0: sizes of requests, bursts), ``llm/sageserve_perf_model.csv`` (Splitwise sweeps as
published with shashwatj07/SageServe, MIT: time and draw), ``grid/*.csv`` (HewlettPackard/sustain-cluster,
MIT, carbon from Electricity Maps: a day of the last year, forecasts fitted on the two before).

A replica is a server of 8 A100, whose draw and speed under limits and clocks are the twin's. A replica that
starts draws like a start for the time its model takes to load, and serves afterwards; one that stops draws
its idle watts for its grace period; a server without a replica is given back and counts as nothing. Four
servers of training, 12 hours of them within the day, share the cap.

``planner``: the solver, the learnt models of replicas, the load forecasts (10 minutes ahead, 99 %) and the
transition rules of the product; training where shifting puts it on the evening's forecasts of price and
carbon. ``reactive``: a HorizontalPodAutoscaler for each service on requests per replica (70 % of what a
replica serves within its target), no limits, training from midnight on. ``ceilings``: the same under replica
ceilings such that all nameplates fit the cap.

Draws are means of a step (5 s). ``slow_tokens``: generated with more than the target between tokens.
``late_starts``: requests that waited longer than their target for their prompt, gave up waiting (``lost``,
after a minute on average), or wait when the day ends; ``high_late_starts``: of the two services of high
priority. ``joules_per_token`` is of inference; cost and carbon are of everything. Medians over the seeds, and
the worst.
"""

from __future__ import annotations

import statistics
import sys
from argparse import ArgumentParser, Namespace

import numpy as np

from benchmarks.day.grid import Grid
from benchmarks.day.load import DAY_WINDOWS, FIT_DAYS, bursts, draw_day, read_rates
from benchmarks.day.replay import Batch, Controller, Facts, Figures, replay
from benchmarks.day.world import (
    BATCH_HOURS,
    World,
    autoscaled,
    batch_at_once,
    batch_shifted,
    make_world,
    planned,
)
from benchmarks.registry import Benchmark, Metrics
from common.replay.profile import Floats
from common.replay.recorded import LOAD, PROFILE, read_trace

_STEP_SECONDS = 5.0
PLANNER, REACTIVE, CEILINGS = "planner", "reactive", "ceilings"


def add_arguments(parser: ArgumentParser) -> None:
    """Declares how many days and how tight the cap is."""
    parser.add_argument("--seeds", type=int, default=5, help="days that are drawn")
    parser.add_argument(
        "--cap-percent", type=float, default=85.0, help="of what the highest load of the fitted days draws"
    )


def run(arguments: Namespace) -> Metrics:
    """Returns the median and the worst of every figure for every controller."""
    trace, rates = read_trace(arguments.data), read_rates(arguments.data)
    world = make_world(arguments.data, trace, rates, arguments.cap_percent)
    grid, burst = Grid(arguments.data), bursts(trace, _STEP_SECONDS)
    each = [_day(world, grid, rates, burst, seed) for seed in range(1, arguments.seeds + 1)]
    metrics: dict[str, float | int | str] = {"seeds": len(each), "cap_watts": world.cap_watts}
    for name in each[0]:
        for figure in each[0][name]:
            values = [figures[name][figure] for figures in each]
            metrics[f"{name}_{figure}"] = statistics.median(values)
            metrics[f"{name}_{figure}_worst"] = min(values) if figure == "mega_tokens" else max(values)
    return metrics


def _day(world: World, grid: Grid, rates: Floats, burst: Floats, seed: int) -> dict[str, Figures]:
    random, of_grid = (np.random.default_rng((seed, part)) for part in range(2))
    day = int(random.integers(FIT_DAYS, rates.shape[1] // DAY_WINDOWS))
    load = draw_day(rates, world.scale, day, burst, random, _STEP_SECONDS)
    facts = Facts(load, grid.draw(of_grid), world.cap_watts)
    shifted, at_once = batch_shifted(world, load, facts.grid), batch_at_once(world)
    runs: dict[str, tuple[Controller, Batch]] = {
        PLANNER: (planned(world, load, facts.grid, shifted), shifted),
        REACTIVE: (autoscaled(world, within_cap=False), at_once),
        CEILINGS: (autoscaled(world, within_cap=True), at_once),
    }
    found = {}
    for name, (controller, batch) in runs.items():
        found[name] = replay(facts, world.pools(load), controller, batch)
        found[name]["deadlines_missed"] = float(len(batch.hours) < BATCH_HOURS)
        _tell(seed, f"{facts.grid.zone} {facts.grid.day}, load of day {day + 1}", name, found[name])
    return found


def _tell(seed: int, what: str, name: str, figures: Figures) -> None:
    sys.stderr.write(
        f"seed {seed} ({what}) {name:<9}"
        f" {figures['over_cap_watt_seconds']:>12.0f} W s over,"
        f" {figures['slow_tokens_percent']:5.1f} % slow, {figures['late_starts_percent']:5.1f} % late,"
        f" {figures['joules_per_token']:.2f} J/token, {figures['cost_usd']:.0f} USD,"
        f" {figures['gco2_kilograms']:.0f} kg, {figures['changes']:.0f} changes\n"
    )


BENCHMARK = Benchmark(
    name="day",
    description="a day of services under a cap: planner on and off, watts, latency, cost, carbon, changes",
    run=run,
    add_arguments=add_arguments,
    data=(LOAD, PROFILE, "grid"),
)
