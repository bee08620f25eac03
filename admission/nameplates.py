"""Nameplate watts: what a device draws at most by its data sheet, for pods that nobody has measured yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from common.service.settings import SettingsError

GPU_WATTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "GB300": 1400, "B300": 1400, "GB200": 1200, "B200": 1000, "GH200": 900,
        "H200": 700, "H200-NVL": 600, "H100": 700, "H100-NVL": 400, "H100-PCIE": 350, "H20": 500,
        "A100": 400, "A100-PCIE": 300, "A100-PCIE-40GB": 250, "A100-80GB-PCIE": 300,
        "L40S": 350, "L40": 300, "L4": 72, "A40": 300, "A30": 165, "A16": 250, "A10G": 300,
        "A10": 150, "A2": 60, "V100": 300, "V100-PCIE": 250, "T4": 70, "P100": 250, "P40": 250, "P4": 75,
        "RTX-PRO-6000": 600, "RTX-6000-ADA": 300, "RTX-A6000": 300, "RTX-A5000": 230, "RTX-A4000": 140,
    }
)  # fmt: skip
"""Maximum board power of data-centre GPUs in watts, from the makers' data sheets.

Keys are parts of the label ``nvidia.com/gpu.product`` in capitals; where several fit, the longest counts.
"""


@dataclass(frozen=True)
class Nameplates:
    """What unmeasured hardware is taken to draw.

    Attributes:
        gpu_watts: Watts of one GPU, by part of its product name.
        default_gpu_watts: Watts of a GPU of unknown product.
        watts_per_cpu: Watts for each requested CPU.
        floor_watts: The least that is reserved for a pod.
    """

    gpu_watts: Mapping[str, int] = field(default_factory=lambda: GPU_WATTS)
    default_gpu_watts: int = 700
    watts_per_cpu: float = 4.0
    floor_watts: int = 5

    def of_product(self, product: str) -> int | None:
        """Returns the watts of one GPU of a product, or None where the table does not know it."""
        name = product.upper().replace(" ", "-").replace("_", "-")
        known = [key for key in self.gpu_watts if key in name]
        return self.gpu_watts[max(known, key=len)] if known else None


def parse_gpu_watts(entries: Iterable[str], flag: str = "--gpu-nameplate-watts") -> Mapping[str, int]:
    """Returns the table with a user's ``PRODUCT=watts`` entries on top.

    Raises:
        SettingsError: Naming the flag and the entry.
    """
    table = dict(GPU_WATTS)
    for entry in entries:
        product, equals, watts = entry.partition("=")
        if not (product and equals and watts.isdigit() and int(watts) > 0):
            raise SettingsError(f"{flag}: {entry!r} is not PRODUCT=watts. For example: {flag}=H100-PCIE=350")
        table[product.upper()] = int(watts)
    return MappingProxyType(table)
