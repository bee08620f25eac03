"""What is expected of a workload's slowdown where no like workload was ever measured.

Above its idle draw a GPU's power grows with a power of its clock: with the cube where voltage follows the
clock, nearly linearly where it cannot. Speed follows the clock as far as the work waits for the cores. So
``speed = ((limit - idle) / (draw - idle)) ** (1 / exponent)`` under a limit below the draw, with the
exponents and idle shares that boards are known to have, is a family of made-up workloads. Their spread is
the doubt.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from common.models.slowdown.model import SlowdownModel
from common.models.slowdown.sweeps import Sweep

Array = NDArray[np.float64]

_EXPONENTS = (1.3, 1.8, 2.4, 3.0)
_IDLE_SHARES = (0.1, 0.2)
_DRAW_SHARES = (0.5, 0.65, 0.8, 0.9, 1.0)
_LOWEST_SHARE = 0.3
_LIMITS = 8


@lru_cache(maxsize=64)
def generic_model(max_watts: int) -> SlowdownModel:
    """Returns a model of a GPU of which nothing is known but its highest limit."""
    limits: Array = np.linspace(_LOWEST_SHARE, 1.0, _LIMITS) * max_watts
    cases = product(_EXPONENTS, _IDLE_SHARES, _DRAW_SHARES)
    return SlowdownModel([_sweep(limits, *case) for case in cases])


def speed_share(limits_watts: Array, draw_watts: float, idle_watts: float, exponent: float) -> Array:
    """Returns the speed under limits relative to unlimited, same shape."""
    room = np.clip((limits_watts - idle_watts) / (draw_watts - idle_watts), 1e-3, 1.0)
    shares: Array = room ** (1.0 / exponent)
    return shares


def _sweep(limits_watts: Array, exponent: float, idle_share: float, draw_share: float) -> Sweep:
    most = float(limits_watts[-1])
    seconds = 1.0 / speed_share(limits_watts, draw_share * most, idle_share * most, exponent)
    return Sweep(f"exponent {exponent}", limits_watts, seconds, draw_share * most)
