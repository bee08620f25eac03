"""Processor time of API server and webhooks, and how often which webhook was called.

Latencies of a shared machine say little when others work on it; what a creation costs in processor time moves
far less.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from benchmarks.usage import cpu_seconds
from deploy.local.cluster import LocalCluster
from deploy.local.processes import ProcessSet

_SERVER: Final = re.compile(r"^process_cpu_seconds_total (\S+)$", re.MULTILINE)
_CALLS: Final = re.compile(
    r'^apiserver_admission_webhook_admission_duration_seconds_count\{name="([^"]+)".*\} (\S+)$', re.MULTILINE
)


@dataclass(frozen=True)
class Reading:
    """What has been used so far: seconds of the API server and of the webhooks, calls by webhook."""

    server_seconds: float
    webhook_seconds: float
    calls: dict[str, int]


def read(cluster: LocalCluster, webhooks: ProcessSet) -> Reading:
    """Reads the counters of the API server and of the processes of the set."""
    text = cluster.kubectl("get", "--raw", "/metrics")
    server = _SERVER.search(text)
    calls: dict[str, int] = {}
    for name, count in _CALLS.findall(text):
        calls[name] = calls.get(name, 0) + int(float(count))
    seconds = sum(cpu_seconds(process.pid) for process in webhooks)
    return Reading(float(server[1]) if server else 0.0, seconds, calls)
