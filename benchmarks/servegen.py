"""Recorded request rates of inference services: alibaba/ServeGen (Apache-2.0), in windows of ten minutes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from common.replay.profile import Floats

PATTERN = "load/servegen_*_days*.csv"
"""Under the folder of data; columns ``window_start_s`` and ``requests_per_s``."""


def recordings(data: Path) -> list[Path]:
    """Returns the files, one for each service."""
    return sorted(data.glob(PATTERN))


def read_rates(path: Path) -> Floats:
    """Returns requests per second, window by window; a zero is a gap in the recording."""
    return np.asarray(np.loadtxt(path, delimiter=",", skiprows=1)[:, 1])
