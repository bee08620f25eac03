"""The whole status of NodeFrequencies from a snapshot. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from common.api.frequencies import BudgetStatus, FrequenciesStatus
from common.api.meta import Condition, rfc3339, set_condition
from common.api.names import PROTOCOL_VERSION
from nodeagent.devices.device import KIND_CPU, KIND_GPU
from nodeagent.report.conditions import conditions
from nodeagent.report.device_status import cpu_status, gpu_status, unknown_cpu, unknown_gpu
from nodeagent.snapshot import Snapshot

_MOST_GPUS = 64
_MOST_CPUS = 1024
"""The schema takes no more; real devices come first."""


def build_status(
    snapshot: Snapshot, before: list[Condition], now: datetime, live: BudgetStatus | None = None
) -> FrequenciesStatus:
    """Returns the status that a snapshot makes.

    Args:
        snapshot: The node.
        before: The conditions as last written, whose transition times go on.
        now: Wall-clock time.
        live: The confirmation that the cluster shows.
    """
    gpus = [gpu_status(view) for view in snapshot.devices if view.info.kind == KIND_GPU]
    cpus = [cpu_status(view) for view in snapshot.devices if view.info.kind == KIND_CPU]
    gpus += [unknown_gpu(name, point) for name, point in snapshot.points.unknown_gpus.items()]
    cpus += [unknown_cpu(number, point) for number, point in snapshot.points.unknown_cpus.items()]
    merged = before
    for condition in conditions(snapshot, gpus, cpus):
        merged = set_condition(merged, condition, now)
    return FrequenciesStatus(
        conditions=merged,
        observed_generation=snapshot.generation,
        protocol_version=PROTOCOL_VERSION,
        power_budget=_not_taken_back(snapshot.confirmed, live),
        gpus=gpus[:_MOST_GPUS],
        cpus=cpus[:_MOST_CPUS],
        draw_watts=round(snapshot.draw_watts),
        last_updated=rfc3339(now),
    )


def _not_taken_back(confirmed: BudgetStatus | None, live: BudgetStatus | None) -> BudgetStatus | None:
    """Returns a confirmation with the sequence that the cluster shows where that is the higher one.

    Only after etcd was restored, when the agent confirmed what it held before it saw the older budget. The
    schema refuses a lower sequence, and one ahead of the budget makes the actuator write a newer budget.
    """
    if confirmed is None or live is None or live.uid != confirmed.uid or live.sequence <= confirmed.sequence:
        return confirmed
    return msgspec.structs.replace(confirmed, sequence=live.sequence)


def without_live_figures(status: FrequenciesStatus) -> FrequenciesStatus:
    """Returns the part of a status whose change is worth a write: all but draws, clocks and times."""
    return msgspec.structs.replace(
        status,
        conditions=[msgspec.structs.replace(c, last_transition_time="") for c in status.conditions],
        gpus=[msgspec.structs.replace(gpu, draw_watts=0, current_frequency=0) for gpu in status.gpus],
        cpus=[msgspec.structs.replace(cpu, draw_watts=0, current_frequency=0) for cpu in status.cpus],
        draw_watts=0,
        last_updated="",
    )
