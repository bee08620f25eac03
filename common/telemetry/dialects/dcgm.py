"""NVIDIA's DCGM exporter: board watts by GPU, and the pods that hold the GPUs."""

from __future__ import annotations

from collections.abc import Sequence

from common.telemetry.columns import Labels
from common.telemetry.dialects.counters import mean_watts
from common.telemetry.dialects.dialect import Family, first_label
from common.telemetry.table import SCOPE_GPU, SCOPE_GPU_USE, Place

POWER = ("DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_BOARD_POWER_WATTS")
"""The name up to DCGM 4.5, and the one since; exporters write what their list of counters spells."""
INSTANT = ("DCGM_FI_DEV_POWER_USAGE_INSTANT", "DCGM_FI_DEV_BOARD_POWER_RAW_WATTS")
_ACTIVE = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
"""Share of the time that the GPU, or the MIG instance of the row, was at work: 0 to 1."""
ENERGY = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
_WATTS_PER_MILLIWATT = 1e-3
_UNLESS_ON = " unless on (UUID, uuid) "


class DcgmDialect:
    """Board power under either name; else the instantaneous one; else the rate of the energy counter.

    MIG instances repeat the whole board's watts, one row each: rows of a UUID are alternatives, not parts:
    the highest counts. So both names of one measurement may be asked for, which nodes with different
    versions of the exporter need. Another measurement is asked for only where a GPU lacks the better one.
    """

    name = "dcgm"
    age_limit_seconds = 90.0
    """The exporter collects every 30 s by default, and a scrape comes on top."""
    window_seconds = 1.0
    """The driver averages about a second."""
    remedy = "check that the DCGM exporter runs there, and lower its collect interval (30 s by default)"
    reveals = (*POWER, *INSTANT, ENERGY)
    beside = (_ACTIVE,)

    def families(self, present: frozenset[str]) -> Sequence[Family]:
        """Asks for the best measurement of each GPU."""
        families: list[Family] = []
        better: list[str] = []
        for names in (POWER, INSTANT):
            there = [name for name in names if name in present]
            families += [_family(name, name, better) for name in there]
            better += there
        if ENERGY in present:
            families.append(_family(ENERGY, mean_watts(ENERGY), better, _WATTS_PER_MILLIWATT))
        if _ACTIVE in present:
            families.append(Family(_ACTIVE, _ACTIVE, _use, factor=_slices))
        return families


def _family(name: str, expression: str, better: Sequence[str], watts_per_unit: float = 1.0) -> Family:
    # The times are restricted as the values are: a GPU that has better watts costs no row of the answer.
    return Family(
        name, name, _gpu, watts_per_unit,
        expression=_UNLESS_ON.join([expression, *better]),
        taken=_UNLESS_ON.join([f"timestamp({name})", *better]),
        counter=expression != name,
        unless=tuple(better),
    )  # fmt: skip


def _use(labels: Labels) -> Place | None:
    place = _gpu(labels)
    return place._replace(scope=SCOPE_GPU_USE) if place and place.pod else None


def _slices(labels: Labels) -> float:
    """Returns how many of the board's slices a MIG instance has: 3 of ``3g.40gb``; a whole board is 1."""
    slices = labels.get("GPU_I_PROFILE", "").partition("g")[0]
    return float(slices) if slices.isdigit() else 1.0


def _gpu(labels: Labels) -> Place | None:
    uuid = first_label(labels, "UUID", "uuid")
    if not uuid:
        return None
    # Without honorLabels Prometheus puts the exporter's own pod into `pod`, the workload into `exported_pod`.
    return Place(
        SCOPE_GPU,
        node=first_label(labels, "Hostname", "hostname", "node"),
        device=uuid,
        namespace=first_label(labels, "exported_namespace", "pod_namespace", "namespace"),
        pod=first_label(labels, "exported_pod", "pod_name", "pod"),
        container=first_label(labels, "exported_container", "container_name", "container"),
    )
