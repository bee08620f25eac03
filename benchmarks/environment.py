"""Where a figure was measured: without it the figure says little."""

from __future__ import annotations

import os
import platform
from importlib import metadata

_PACKAGES = ("aiohttp", "msgspec", "numpy", "kubernetes", "prometheus-client")


def describe_environment() -> dict[str, str | int | float]:
    """Returns cores, memory, kernel, Python and the versions of the packages that matter."""
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(pages * page_bytes / 2**30, 1),
        "load_average": round(os.getloadavg()[0], 2),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        **{f"{name}_version": _version(name) for name in _PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"
