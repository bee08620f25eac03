"""How much slower a workload runs under a power limit: curves, what is expected of them, what they cost.

``S(P) = C + sum_k A_k (P0_k - P/Pmax)^2 + B_k (P0_k - P/Pmax)`` over the knees ``P0_k`` that lie above
``P/Pmax``, with all coefficients at least zero: non-increasing and convex in the limit,
whatever was measured.
"""

from common.models.slowdown.curve import SlowdownCurve, fit_curve
from common.models.slowdown.model import SlowdownEstimate, SlowdownModel
from common.models.slowdown.settings import SlowdownSettings
from common.models.slowdown.sweeps import Sweep

__all__ = ["SlowdownCurve", "SlowdownEstimate", "SlowdownModel", "SlowdownSettings", "Sweep", "fit_curve"]
