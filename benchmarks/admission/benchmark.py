"""How fast the webhook answers, and what it adds to the creation of a pod on the real API server."""

from __future__ import annotations

import os
import statistics
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from benchmarks.admission.creates import measure_creates
from benchmarks.admission.load import Load, Outcome, send
from benchmarks.admission.pods import pod, post, review
from benchmarks.admission.side import APP, NAMESPACE, Side, match_microseconds
from benchmarks.registry import Benchmark, Metrics
from benchmarks.usage import cpu_seconds, resident_mib

_CONNECTIONS = (50, 10)
_ROUNDS = 5


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--requests", type=int, default=10_000, help="requests of each kind over TLS, in five rounds"
    )
    parser.add_argument(
        "--rate",
        type=float,
        default=500.0,
        help="requests per second of the open loop; the others are closed",
    )
    parser.add_argument(
        "--memory-requests", type=int, default=50_000, help="requests between the two looks at memory"
    )
    parser.add_argument("--rounds", type=int, default=10, help="alternating rounds of creates; 0 for none")
    parser.add_argument("--creates", type=int, default=160, help="creates of each kind in each round")
    parser.add_argument(
        "--without-vpa",
        action="store_true",
        help="leave VPA out (built once, in four minutes, where missing)",
    )


def run(arguments: Namespace) -> Metrics:
    """Measures the server alone over TLS, the matching, and the creates."""
    metrics: dict[str, float | int | str] = {"open_loop_requests_per_second": arguments.rate}
    labels = pod(NAMESPACE, APP)["metadata"]["labels"]
    for policies in (10, 10_000):
        metrics[f"match_{policies}_microseconds"] = round(match_microseconds(policies, labels), 3)
    with tempfile.TemporaryDirectory(prefix="climatik-admission-") as folder:
        metrics |= _server_alone(Path(folder), arguments)
    if arguments.rounds:
        metrics |= measure_creates(arguments.rounds, arguments.creates, vpa=not arguments.without_vpa)
    return metrics


def _server_alone(folder: Path, arguments: Namespace) -> dict[str, float | int | str]:
    """The server has a core to itself as far as the machine has two."""
    cores = sorted(os.sched_getaffinity(0))
    side = Side(folder, cores[0])
    try:
        return _latencies(side, cores[-1], arguments) | _memory(side, cores[-1], arguments.memory_requests)
    finally:
        side.process.stop()


def _latencies(side: Side, core: int, arguments: Namespace) -> dict[str, float | int | str]:
    metrics: dict[str, float | int | str] = {}
    each = max(1, arguments.requests // _ROUNDS)
    for connections in _CONNECTIONS:
        opened = [send(_load(side, connections, each, core, arguments.rate)) for _ in range(_ROUNDS)]
        used = cpu_seconds(side.process.pid)
        closed = [send(_load(side, connections, each, core)) for _ in range(_ROUNDS)]
        used = cpu_seconds(side.process.pid) - used
        rate = statistics.median(outcome.per_second for outcome in closed)
        metrics |= {
            f"p50_{connections}_milliseconds": _median(opened, 0.5),
            f"p99_{connections}_milliseconds": _median(opened, 0.99),
            f"closed_loop_p50_{connections}_milliseconds": _median(closed, 0.5),
            f"closed_loop_p99_{connections}_milliseconds": _median(closed, 0.99),
            f"closed_loop_{connections}_requests_per_second": round(rate),
            f"cpu_{connections}_microseconds": round(1e6 * used / (each * _ROUNDS), 1),
        }
    return metrics


def _median(rounds: list[Outcome], share: float) -> float:
    """The quantile of the median round: one that another program of the machine disturbed says little."""
    return round(statistics.median(each.milliseconds(share) for each in rounds), 3)


def _memory(side: Side, core: int, requests: int) -> dict[str, float | int | str]:
    before = resident_mib(side.process.pid)
    if requests:
        send(_load(side, 10, requests, core))
    after = resident_mib(side.process.pid)
    return {
        "memory_mib": round(after, 1),
        "memory_growth_mib": round(after - before, 2),
        "memory_requests": requests,
    }


def _load(side: Side, connections: int, requests: int, core: int, rate: float = 0.0) -> Load:
    return Load(
        port=side.port,
        request=post("/mutate-pods?timeout=2s", review(NAMESPACE, APP)),
        status=200,
        connections=connections,
        requests=requests,
        rate_per_second=rate,
        ca_file=str(side.ca_file),
        core=core,
    )


BENCHMARK = Benchmark(
    name="admission",
    description="the webhook over TLS, its matching, and what it adds to a pod's creation (beside VPA's)",
    run=run,
    add_arguments=add_arguments,
)
