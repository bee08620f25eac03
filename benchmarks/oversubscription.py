"""How many servers a row carries within the watts of 40: a closed-loop replay, ours against POLCA.

Data under ``--data``: ``load/azure*.csv`` (Azure/AzurePublicDataset, LLM inference trace, CC-BY-4.0; a
thinned, shifted copy per server), ``llm/sageserve_perf_model.csv`` (Splitwise sweeps as published
with shashwatj07/SageServe, MIT: time and draw of prompts and decode), ``node_power/*.csv``
(mlcommons/inference_results_v4.1, Apache-2.0: how the draw of a node rises when it starts).

Assumptions. A server is 8 A100, whose draw over the clock is the twin's, and 2,400 W of other parts; 5,700 W
are provisioned for it, its highest draw. Load per server is such that 40 servers without limits peak at 79 %
of that, as published for a production row. Every other server serves high priority. 87 % of a prompt's time
and 2 % of a decode step go with the clock, the rest with memory. Each server has a stream of its own; half of
them are started anew in an hour.
POLCA: telemetry 2 s old, clocks out of band in 40 s, brake to 288 MHz in 5 s. Ours: a decision each 5 s on
telemetry 1 s old, in force 0.2 s later (``loop``). A size is acceptable if no interval over 10 s is above the
cap, high priority's latency is less than 1 % (median) and 5 % (99th percentile) longer than without limits,
and low priority makes at least 97 % of the tokens.
"""

from __future__ import annotations

import statistics
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.registry import Benchmark, Metrics
from common.models.oversubscription import breach_rate_bound
from common.replay.contenders import NO_CONTROL, POLCA, PROMISED, contender
from common.replay.control import IN_BAND
from common.replay.load import LoadShape
from common.replay.outcome import HIGH_MEDIAN, SETTLE_SECONDS, Outcome
from common.replay.profile import Floats
from common.replay.promised import DEFAULT_PROMISE, PromiseSettings
from common.replay.recorded import LOAD, NODE_POWER, PROFILE, read_profile, read_ramp, read_trace
from common.replay.scenario import Scenario, Seed, calibrate, most_servers

_MOST_SERVERS = 63
_FIRST_GUESS = LoadShape(requests_per_second=0.15)
_AIMED_SERVERS = 54
_WITHOUT_MEDIAN = "polca_but_for_high_p50_"
_DETAILS = (
    "peak_percent", "high_p50_percent", "high_p99_percent", "low_throughput_percent", "low_p50_percent",
)  # fmt: skip
_PREFIXES = {PROMISED: "", POLCA: "polca_", "uniform": "uniform_", NO_CONTROL: "no_control_"}


def add_arguments(parser: ArgumentParser) -> None:
    """Declares what is served and how often."""
    parser.add_argument("--model", default="bloom-176b", help="model of the Splitwise sweeps")
    parser.add_argument("--seeds", type=int, default=5, help="loads that are tried")
    parser.add_argument(
        "--breach-probability", type=float, default=DEFAULT_PROMISE.breach_probability, help="per decision"
    )


def run(arguments: Namespace) -> Metrics:
    """Returns the median and the worst over the seeds for every contender."""
    scenario = Scenario(
        read_trace(arguments.data), read_profile(arguments.data, arguments.model),
        read_ramp(arguments.data), _FIRST_GUESS,
    )  # fmt: skip
    seeds = range(1, arguments.seeds + 1)
    scenario = calibrate(scenario, seeds)
    promise = PromiseSettings(breach_probability=arguments.breach_probability)
    each = [_measure(scenario, seed, promise) for seed in seeds]
    metrics: dict[str, float | int | str] = {}
    for prefix in (*_PREFIXES.values(), _WITHOUT_MEDIAN):
        added = [figures.numbers[f"{prefix}servers_added_percent"] for figures in each]
        metrics[f"{prefix}servers_added_percent"] = statistics.median(added)
        metrics[f"{prefix}servers_added_worst_percent"] = min(added)
    for name in [name for name in each[0].numbers if name.startswith(_DETAILS)]:
        metrics[f"{name}_median"] = statistics.median(figures.numbers[name] for figures in each)
    breaches, trials = sum(one.breaches for one in each), sum(one.trials for one in each)
    return {
        **metrics,
        **{f"{prefix}limited_by": _most_common(each, prefix) for prefix in ("", "polca_")},
        "seeds": len(each),
        "requests_per_second_per_server": scenario.shape.requests_per_second,
        "breach_rate": breaches / trials,
        "breach_rate_at_most_95_percent_sure": breach_rate_bound(breaches, trials),
        "breach_rate_allowed": arguments.breach_probability,
    }


@dataclass(frozen=True)
class _Figures:
    """Of one seed.

    Attributes:
        numbers: By name.
        limits: Objectives that one server more would miss, by contender's prefix.
        breaches: Intervals of ours, as long as its whole latency, in which the draw passed the cap.
        trials: Such intervals.
    """

    numbers: dict[str, float]
    limits: dict[str, str]
    breaches: int
    trials: int


def _measure(scenario: Scenario, number: int, promise: PromiseSettings) -> _Figures:
    seed = Seed(scenario, number)

    @cache
    def outcome(name: str, servers: int) -> Outcome:
        return seed.outcome(servers, partial(contender, name, promise=promise))

    def most(name: str, *, leave_out: tuple[str, ...] = ()) -> int:
        least = scenario.provisioned
        return most_servers(partial(outcome, name), least, _MOST_SERVERS, leave_out=leave_out)

    numbers: dict[str, float] = {}
    limits: dict[str, str] = {}
    for name, prefix in _PREFIXES.items():
        servers = most(name)
        numbers[f"{prefix}servers_added_percent"] = _added(scenario, servers)
        limits[prefix] = "+".join(outcome(name, servers + 1).missed)
        sys.stderr.write(f"seed {number}: {name:<24} {_added(scenario, servers):+5.1f} % servers\n")
    lenient = most(POLCA, leave_out=(HIGH_MEDIAN,))
    numbers[f"{_WITHOUT_MEDIAN}servers_added_percent"] = _added(scenario, lenient)
    largest = most(PROMISED)
    over: list[NDArray[np.bool_]] = []
    for size, suffix in ((largest, ""), (_AIMED_SERVERS, "_at_35_percent")):
        numbers |= {f"{name}{suffix}": getattr(outcome(PROMISED, size), name) for name in _DETAILS}
        recording, _ = seed.record(size, partial(contender, PROMISED, promise=promise))
        over.append(_highest_by_horizon(recording.watts) > scenario.cap_watts)
    breaches = np.concatenate(over)
    return _Figures(numbers, limits, int(breaches.sum()), len(breaches))


def _highest_by_horizon(watts: Floats) -> Floats:
    """Returns the highest draw in each interval as long as our latency; the first minute is left out."""
    length = round(IN_BAND.horizon_seconds)
    judged = watts[SETTLE_SECONDS:]
    return np.asarray(judged[: len(judged) // length * length].reshape(-1, length).max(axis=1))


def _added(scenario: Scenario, servers: int) -> float:
    return 100.0 * (servers / scenario.provisioned - 1.0)


def _most_common(each: list[_Figures], prefix: str) -> str:
    return statistics.mode(figures.limits[prefix] for figures in each)


BENCHMARK = Benchmark(
    name="oversubscription",
    description="servers that a row carries within the watts of 40, ours and POLCA, in closed-loop replay",
    run=run,
    add_arguments=add_arguments,
    data=(LOAD, PROFILE, NODE_POWER),
)
