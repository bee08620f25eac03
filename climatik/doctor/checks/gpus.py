"""What the GPU exporter does not tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from climatik.doctor.facts import Facts, Target, target
from climatik.doctor.finding import Finding, some
from climatik.doctor.questions import BOARDS, BUSY, LIMITED, PERSISTENCE, UP
from common.telemetry.columns import Labels
from common.telemetry.dialects.dialect import first_label


def pod_labels_missing(facts: Facts) -> Iterator[Finding]:
    """Targets with busy GPUs of which not one bears a pod; an idle GPU has none to bear."""
    own = {target(row.labels): row.labels.get("pod", "") for row in facts.rows(UP)}
    pods: dict[Target, set[str]] = defaultdict(set)
    for row in facts.rows(BOARDS):
        each = target(row.labels)
        pods[each].add(_workload(row.labels, own.get(each, "")))
    busy = {target(row.labels) for row in facts.rows(BUSY)}
    blind = sorted(str(each) for each, names in pods.items() if each in busy and names == {""})
    if blind:
        yield Finding(
            "pod-labels-missing",
            "error",
            f"GPUs are busy, but no row names a pod: {some(blind)}",
            "run the DCGM exporter with DCGM_EXPORTER_KUBERNETES=true and the kubelet's pod-resources folder"
            " mounted, and scrape it with honorLabels: true",
        )


def limits_missing(facts: Facts) -> Iterator[Finding]:
    """Without the limit in force nobody can tell an idle GPU from a capped one, or see a rival writer."""
    limited = {_uuid(row.labels) for row in facts.rows(LIMITED)}
    boards = {_uuid(row.labels) for row in facts.rows(BOARDS)}
    without = sorted(boards - limited - {""})
    if without:
        yield Finding(
            "limits-missing",
            "warning",
            f"{len(without)} GPUs have watts but no power limit: {some(without)}",
            "add to the DCGM exporter's counters: DCGM_FI_DEV_ENFORCED_POWER_LIMIT, gauge, limit in force"
            " and DCGM_FI_DEV_POWER_MGMT_LIMIT, gauge, limit asked for (W); or run the node agent there",
        )


def no_persistence_mode(facts: Facts) -> Iterator[Finding]:
    """The driver unloads when its last client leaves, and forgets the limits."""
    names = sorted({_uuid(row.labels) or str(target(row.labels)) for row in facts.rows(PERSISTENCE)})
    if names:
        yield Finding(
            "no-persistence-mode",
            "error",
            f"{len(names)} GPUs lose their limits when the driver unloads: {some(names)}",
            "run nvidia-persistenced, or nvidia-smi -pm 1, at boot",
        )


def _workload(labels: Labels, own_pod: str) -> str:
    """The label ``pod`` is the exporter's own where Prometheus has overwritten or filled it."""
    told = first_label(labels, "exported_pod", "pod_name", "pod")
    return "" if told == own_pod else told


def _uuid(labels: Labels) -> str:
    return first_label(labels, "UUID", "uuid", "gpu_uuid")
