"""NVIDIA's DCGM exporter: board watts by GPU, and the pods that hold the GPUs."""

from __future__ import annotations

from collections.abc import Sequence

from common.telemetry.columns import Labels
from common.telemetry.dialects.dialect import Family, first_label
from common.telemetry.table import SCOPE_GPU, Place

_SPELLINGS = ("DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_BOARD_POWER_WATTS")


class DcgmDialect:
    """``DCGM_FI_DEV_POWER_USAGE``, since DCGM 4.6 also ``DCGM_FI_DEV_BOARD_POWER_WATTS``.

    MIG instances repeat the whole board's watts, one row each: rows of a UUID are alternatives, not parts.
    """

    name = "dcgm"
    age_limit_seconds = 90.0
    """The exporter collects every 30 s by default, and a scrape comes on top."""
    remedy = "check that the DCGM exporter runs there, and lower its collect interval (30 s by default)"
    reveals = _SPELLINGS

    def families(self, present: frozenset[str]) -> Sequence[Family]:
        """Asks for one spelling alone, since newer versions export both names for the same watts."""
        return [Family(name, name, _gpu) for name in _SPELLINGS if name in present][:1]


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
