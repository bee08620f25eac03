"""The conditions of NodeFrequencies, from Ready to PodsKnown. Pure."""

from __future__ import annotations

import msgspec

from common.api.frequencies import DEVICE_FAILED, DEVICE_PENDING, CpuStatus, GpuStatus
from common.api.meta import Condition
from nodeagent.devices.device import Awaited
from nodeagent.obedience.confirm import obeys
from nodeagent.obedience.verdict import Course
from nodeagent.pods.tenancy import Tenancy
from nodeagent.report.rest_condition import rest_measured
from nodeagent.snapshot import Snapshot

READY = "Ready"
BUDGET_OBEYED = "BudgetObeyed"
DEGRADED = "Degraded"
DEVICES_FOUND = "DevicesFound"
PODS_KNOWN = "PodsKnown"

_NAMED = 4
"""So many failures are named in a message; the rest is counted."""


def conditions(snapshot: Snapshot, gpus: list[GpuStatus], cpus: list[CpuStatus]) -> list[Condition]:
    """Returns the conditions, without transition times.

    Args:
        snapshot: The node.
        gpus: Status of every GPU that there is or that was named.
        cpus: The same for CPUs.
    """
    wrong = _wrong(snapshot, gpus, cpus)
    found = [_ready(gpus, cpus, wrong), _budget_obeyed(snapshot), _degraded(wrong)]
    found += [_devices_found(snapshot.awaited), rest_measured(snapshot.standing.rest)]
    found += [_pods_known(snapshot.tenancy)] if snapshot.tenancy.followed else []
    return [_for_generation(condition, snapshot.generation) for condition in found]


def _ready(gpus: list[GpuStatus], cpus: list[CpuStatus], wrong: list[str]) -> Condition:
    devices = len(gpus) + len(cpus)
    pending = [*(gpu.status for gpu in gpus), *(cpu.status for cpu in cpus)].count(DEVICE_PENDING)
    if wrong:
        return Condition(type=READY, status="False", reason="NotAllObey", message=_listed(wrong))
    if not devices:
        message = "no device was found on this node: check --devices and the driver"
        return Condition(type=READY, status="False", reason="NoDevices", message=message)
    if pending:
        message = f"{pending} of {devices} devices are on their way to their settings"
        return Condition(type=READY, status="False", reason="Writing", message=message)
    return Condition(type=READY, status="True", reason="AllObey", message=f"all {devices} devices obey")


def _budget_obeyed(snapshot: Snapshot) -> Condition:
    verdict, standing = snapshot.verdict, snapshot.standing
    if verdict.course is Course.RELEASE:
        return Condition(type=BUDGET_OBEYED, status="False", reason=verdict.reason, message=verdict.message)
    if verdict.budget_watts is None:
        return Condition(type=BUDGET_OBEYED, status="Unknown", reason=verdict.reason, message=verdict.message)
    budget = verdict.budget_watts
    if standing.charged_watts <= budget:
        message = f"{verdict.message}; the devices allow {standing.charged_watts:,} W at most"
        return Condition(type=BUDGET_OBEYED, status="True", reason=verdict.reason, message=message)
    if obeys(budget, standing.powers):
        message = (
            f"{verdict.message}; but floors, devices that do not obey and the rest of the node need"
            f" {standing.minimum_watts:,} W, {standing.minimum_watts - budget:,} W more than that"
        )
        return Condition(type=BUDGET_OBEYED, status="False", reason="FloorsTooHigh", message=message)
    message = f"{verdict.message}; on the way there, limits are being lowered"
    return Condition(type=BUDGET_OBEYED, status="False", reason="Writing", message=message)


def _degraded(wrong: list[str]) -> Condition:
    if wrong:
        return Condition(type=DEGRADED, status="True", reason="SomethingFailed", message=_listed(wrong))
    return Condition(type=DEGRADED, status="False", reason="AllWell", message="nothing is wrong")


def _devices_found(awaited: Awaited | None) -> Condition:
    if awaited is not None:
        return Condition(type=DEVICES_FOUND, status="False", reason=awaited.reason, message=awaited.why)
    message = "every driver said which devices it has"
    return Condition(type=DEVICES_FOUND, status="True", reason="AllAnswered", message=message)


def _pods_known(tenancy: Tenancy) -> Condition:
    if not tenancy.known:
        waits = "GPUs count alike, and caps of pods wait"
        message = f"which pod is on which GPU is not known: {tenancy.message}; {waits}"
        return Condition(
            type=PODS_KNOWN, status="False", reason=tenancy.reason or "NotAskedYet", message=message
        )
    if tenancy.message:
        return Condition(type=PODS_KNOWN, status="False", reason="StrangeDevices", message=tenancy.message)
    message = "the kubelet says which pod is on which GPU"
    return Condition(type=PODS_KNOWN, status="True", reason="KubeletAnswers", message=message)


def _wrong(snapshot: Snapshot, gpus: list[GpuStatus], cpus: list[CpuStatus]) -> list[str]:
    failed = [f"GPU {gpu.gpu_id}: {gpu.reason}" for gpu in gpus if gpu.status == DEVICE_FAILED]
    failed += [f"CPU {cpu.cpu_id}: {cpu.reason}" for cpu in cpus if cpu.status == DEVICE_FAILED]
    awaited = [] if snapshot.awaited is None else [snapshot.awaited.why]
    return [*snapshot.problems, *awaited, *failed]


def _listed(wrong: list[str]) -> str:
    more = f"; and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
    return "; ".join(wrong[:_NAMED]) + more


def _for_generation(condition: Condition, generation: int) -> Condition:
    return msgspec.structs.replace(condition, observed_generation=generation)
