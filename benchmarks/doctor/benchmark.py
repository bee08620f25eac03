"""The doctor against a real Prometheus that is fed with each mistake in turn, and with none.

``mistakes_named`` counts mistakes whose finding was among those reported; ``false_alarms`` counts findings in
the clean cluster and, beside a mistake, findings of another kind.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from argparse import Namespace
from itertools import chain
from pathlib import Path

from benchmarks.doctor.mistakes import Mistake, clean, mistakes
from benchmarks.doctor.pages import Pages
from benchmarks.registry import Benchmark, Metrics, Skipped
from climatik.doctor.checks import examine
from climatik.doctor.finding import Finding
from climatik.doctor.read import read_facts
from common.clock import SystemClock
from common.telemetry.prometheus import Prometheus as Client
from common.telemetry.prometheus import PrometheusSettings
from deploy.local.binaries.errors import MissingBinaryError
from deploy.local.prometheus import Prometheus

_SCRAPES = 4
_INTERVAL_SECONDS = 0.25
_PATIENCE_SECONDS = 30.0


def run(_arguments: Namespace) -> Metrics:
    """Returns how many mistakes there were, how many were named, and how many were invented."""
    rooms = chain([clean()], mistakes())
    named, invented, seconds = 0, 0, []
    for room in rooms:
        began = time.monotonic()
        findings = {finding.id for finding in _examine_room(room)}
        seconds.append(time.monotonic() - began)
        named += room.finding in findings
        strangers = findings - {room.finding}
        invented += len(strangers)
        print(f"{room.name}: {', '.join(sorted(findings)) or 'nothing'}", file=sys.stderr, flush=True)
    return {
        "mistakes_total": len(seconds) - 1,
        "mistakes_named": named,
        "false_alarms": invented,
        "seconds_per_cluster": sum(seconds) / len(seconds),
    }


def _examine_room(room: Mistake) -> list[Finding]:
    try:
        with tempfile.TemporaryDirectory() as folder:
            return examine_cluster([room], Path(folder))
    except MissingBinaryError as error:
        raise Skipped(str(error)) from error


def examine_cluster(rooms: list[Mistake], folder: Path) -> list[Finding]:
    """Returns what the doctor finds in a Prometheus that scrapes everything of some clusters."""
    pages = Pages({path: page for room in rooms for path, page in room.pages.items()})
    rules = []
    for number, room in enumerate(rooms):
        if room.rules:
            rules.append(folder / f"rules-{number}.yaml")
            rules[-1].write_text(room.rules.replace("name: g", f"name: g{number}"))
    jobs = [pages.job(path, room.target_labels) for room in rooms for path in room.pages]
    try:
        with Prometheus(
            folder, scrape_configs=jobs, interval_seconds=_INTERVAL_SECONDS, rule_files=rules
        ) as server:
            return asyncio.run(_examine(server.url, len(jobs)))
    finally:
        pages.close()


async def _examine(url: str, targets: int) -> list[Finding]:
    async with Client(PrometheusSettings(url=url)) as client:
        await _scraped(client, targets)
        return examine(await read_facts(client, SystemClock()))


async def _scraped(client: Client, targets: int) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            ready = await client.query(f"count(count_over_time(up[1m]) >= {_SCRAPES})")
            if len(ready) and ready.values[0] >= targets:
                return
            await asyncio.sleep(_INTERVAL_SECONDS)


BENCHMARK = Benchmark(
    name="doctor",
    description="mistakes of measurement in a real Prometheus: how many are named, how many invented",
    run=run,
)
