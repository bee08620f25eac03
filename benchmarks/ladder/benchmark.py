"""The ladder: how soon it acts after a breach, what it plans, what its evictions cost in requests."""

from __future__ import annotations

import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.ladder import audit
from benchmarks.ladder.arena import AGENT, NAMESPACE, WATTS, Arena
from benchmarks.ladder.plan import planned_per_second
from benchmarks.quantile import quantile
from benchmarks.registry import Benchmark, Metrics
from benchmarks.vpa import UPDATER_AGENT, Autoscaler, start_updater
from deploy.local.processes import ProcessSet

_THEIRS = "theirs"
_OUTSIDE = Autoscaler(
    namespace=_THEIRS,
    deployment="bulk",
    mode="Recreate",
    target={"cpu": "100m", "memory": "64Mi"},
    conditions=[
        {"type": "RecommendationProvided", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    ],
)
"""The pods' requests are all outside of what it recommends."""
_WINDOW_SECONDS, _PER_WINDOW = 10, 10
_WARM_UP_SECONDS = 34
_EVENTS_LAST = timedelta(seconds=2)
"""Events of the last evictions are written so long after them."""
_KINDS = {"pods/eviction": "evictions", "events": "events", "configmaps": "records", "leases": "leases"}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--breaches", type=int, default=40, help="policies that breach their cap, one by one")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long both evict side by side")
    parser.add_argument("--replicas", type=int, default=40, help="pods that each of the two evicts from")
    parser.add_argument(
        "--vpa-interval-seconds", type=float, default=10.0, help="how often VPA's updater looks"
    )
    parser.add_argument(
        "--without-vpa", action="store_true", help="leave VPA out (built once, in two minutes, where missing)"
    )


def run(arguments: Namespace) -> Metrics:
    """Plans in process, then measures on a control plane of its own."""
    rate, planned = planned_per_second()
    metrics: dict[str, float | int | str] = {
        "planned_per_second": round(rate),
        "planned_in_a_round": planned,
    }
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="climatik-ladder-")))
        processes = stack.enter_context(ProcessSet(folder / "logs"))
        arena = Arena(folder, processes, arguments.breaches)
        stack.callback(arena.stop)
        theirs = {} if arguments.without_vpa else {_THEIRS: arguments.replicas}
        arena.set_up({NAMESPACE: arguments.replicas, **theirs})
        if arguments.breaches:
            metrics |= _delays(arena)
        metrics |= _traffic(arena, processes, arguments)
    return metrics


def _delays(arena: Arena) -> dict[str, float | int]:
    """One breach after the other; each is cured by one eviction."""
    actuator = arena.start_actuator("--workload-disruptions=1")
    for name in arena.names:
        arena.speak(name, 0)
    time.sleep(_WARM_UP_SECONDS)
    began = {}
    for name in arena.names:
        began[name] = arena.speak(name, 2 * WATTS)
        time.sleep(0.25)
    time.sleep(35)
    actuator.stop()
    requests = audit.read(arena.audit, AGENT, min(began.values()))
    first: dict[str, datetime] = {}
    for one in requests:
        workload = one.name.rsplit("-", 2)[0]
        if one.evicts and workload in began:
            first.setdefault(workload, one.at)
    delays = [(first[name] - began[name]).total_seconds() for name in began if name in first]
    missed = len(began) - len(delays)
    if missed or not delays:
        raise RuntimeError(f"{missed} of {len(began)} breaches were not acted on within 35 s")
    return {
        "breaches": len(delays),
        "action_p50_seconds": round(quantile(delays, 0.5), 2),
        "action_p99_seconds": round(quantile(delays, 0.99), 2),
        "action_max_seconds": round(max(delays), 2),
    }


def _traffic(arena: Arena, processes: ProcessSet, arguments: Namespace) -> dict[str, float | int]:
    """Both evict from Deployments of the same size at the same time, under the same rate of one a second."""
    limits = (
        f"--disruption-window-seconds={_WINDOW_SECONDS}",
        f"--workload-disruptions={_PER_WINDOW}",
        "--settling-seconds=5",
    )
    since = datetime.now(UTC)
    actuator = arena.start_actuator(*limits)
    draw = 1_000_000
    arena.speak("bulk", draw)
    time.sleep(_WARM_UP_SECONDS)
    updater = None
    if not arguments.without_vpa:
        updater = start_updater(
            arena.cluster, processes, _OUTSIDE, arguments.vpa_interval_seconds, _PER_WINDOW
        )
    ends = time.monotonic() + arguments.seconds
    while time.monotonic() < ends:
        draw -= 4 * WATTS
        arena.speak("bulk", draw)
        time.sleep(2.0)
    time.sleep(_EVENTS_LAST.total_seconds())
    actuator.stop()
    if updater is not None:
        updater.stop()
    metrics: dict[str, float | int] = {"allowed_per_second": _PER_WINDOW / _WINDOW_SECONDS}
    metrics |= _cost("", audit.read(arena.audit, AGENT, since))
    if updater is not None:
        metrics |= _cost("vpa_", audit.read(arena.audit, UPDATER_AGENT, since))
    return metrics


def _cost(prefix: str, requests: Sequence[audit.Request]) -> dict[str, float | int]:
    """All requests of a program from its first eviction to its last, by eviction."""
    evictions = [one for one in requests if one.evicts]
    if len(evictions) < 2:
        raise RuntimeError(f"{prefix or 'ours'}: {len(evictions)} evictions are too few to judge")
    begin, end = min(one.at for one in evictions), max(one.at for one in evictions)
    during = [one for one in requests if begin <= one.at <= end + _EVENTS_LAST]
    lasts = (end - begin).total_seconds()
    kinds = Counter(one.resource if one.resource in _KINDS else "other" for one in during)
    return {
        f"{prefix}evictions": len(evictions),
        f"{prefix}evictions_per_second": round((len(evictions) - 1) / lasts, 2) if lasts else 0.0,
        f"{prefix}requests_per_eviction": round(len(during) / len(evictions), 2),
        f"{prefix}requests_per_eviction_with_start": round(len(requests) / len(evictions), 2),
        **{f"{prefix}requests_{_KINDS.get(kind, kind)}": count for kind, count in sorted(kinds.items())},
    }


BENCHMARK = Benchmark(
    name="ladder",
    description="from a breach to an eviction, planning, requests per eviction beside VPA's updater",
    run=run,
    add_arguments=add_arguments,
)
