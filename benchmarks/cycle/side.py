"""One size of the cycle benchmark, in a process of its own so that its peak memory is its own."""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from datetime import timedelta

import msgspec
from prometheus_client import CollectorRegistry

from benchmarks.cycle.world import NOW, make_objects, make_reading
from common.telemetry.dialects import DIALECTS
from common.telemetry.reading import Reading
from recommender.engine import Engine
from recommender.model.memory import Memory
from recommender.model.world import Objects
from recommender.output.bodies import domain_body, plan_status_body, policy_body
from recommender.output.metrics import RecommenderMetrics

_INTERVAL_SECONDS = 5.0


class _Recorded:
    """Stands in for the meter: holds the reading that the benchmark puts there."""

    dialects = DIALECTS
    origin = ""
    problem = ""
    last: Reading | None = None


def measure(nodes: int, rounds: int) -> dict[str, float]:
    """Returns the median of full cycles, each from a new reading to encoded bodies, and the peak memory."""
    meter = _Recorded()
    engine = Engine(meter, RecommenderMetrics(CollectorRegistry()), Memory())  # type: ignore[arg-type]
    objects = make_objects(nodes)
    took, advice, processor = [], [], []
    for number in range(rounds + 1):
        now = NOW + timedelta(seconds=number * _INTERVAL_SECONDS)
        meter.last = make_reading(nodes, number, now.timestamp())
        start, worked = time.perf_counter(), time.process_time()
        engine.cycle(objects, now)
        middle = time.perf_counter()
        written = _statuses(engine, objects)
        took.append(time.perf_counter() - start)
        processor.append(time.process_time() - worked)
        advice.append(time.perf_counter() - middle)
        assert written > len(objects.policies)
    return {
        "seconds": statistics.median(took[1:]),
        "first_seconds": took[0],
        "processor_seconds": statistics.median(processor[1:]),
        "statuses_seconds": statistics.median(advice[1:]),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _statuses(engine: Engine, objects: Objects) -> int:
    """Works out and encodes every status and plan that a cycle would write; returns how many."""
    written = 0
    for policy in objects.policies:
        _, status = engine.advise(policy, NOW)
        assert status.current_power is not None
        assert status.current_power.measured_pods
        written += bool(msgspec.json.encode(policy_body(policy, status)))
    for domain in objects.domains:
        report = engine.report(domain)
        assert report is not None
        written += bool(msgspec.json.encode(domain_body(domain, report)))
    for name, _, plan in engine.plans:
        written += bool(msgspec.json.encode(plan_status_body(name, plan)))
    return written


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
