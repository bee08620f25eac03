"""Quantiles beyond what was seen, and bounds on rates that were counted.

Above a high threshold the excesses of almost any distribution follow a generalised Pareto law (Pickands 1975;
Balkema and de Haan 1974). It is fitted by probability-weighted moments (Hosking and Wallis, "Parameter and
quantile estimation for the generalized Pareto distribution", Technometrics 1987). The shape is kept between
that of an exponential tail and a heavy one: a short sample often looks as if its tail had an end, and to
believe that would promise too much.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TAIL_SHARE = 0.1
"""The highest tenth of a sample is its tail."""
_LEAST_EXCESSES = 10
_HEAVIEST_SHAPE = 0.5
"""Beyond it the variance of the law is infinite, and a moment fit means nothing."""


def upper_quantile(samples: Floats, probability: float) -> float:
    """Returns what is exceeded with a probability, extrapolated where the sample is too short to show it.

    Args:
        samples: At least one.
        probability: Of being above; over 0 and at most 1.
    """
    if probability >= _TAIL_SHARE or len(samples) < _LEAST_EXCESSES / _TAIL_SHARE:
        return float(np.quantile(samples, max(0.0, 1.0 - probability)))
    start = float(np.quantile(samples, 1.0 - _TAIL_SHARE))
    excess = np.sort(samples[samples > start] - start)
    if len(excess) < _LEAST_EXCESSES:
        return float(samples.max())
    share = len(excess) / len(samples)
    scale, shape = _fit(excess)
    times = share / probability
    rise = math.log(times) if shape < 1e-9 else (times**shape - 1.0) / shape
    return start + scale * max(0.0, rise)


def _fit(excess: Floats) -> tuple[float, float]:
    """Returns scale and shape of the tail, from sorted excesses."""
    count = len(excess)
    plotting = (np.arange(1, count + 1) - 0.35) / count
    mean, weighted = float(excess.mean()), float((excess * (1.0 - plotting)).mean())
    shape = 2.0 - mean / (mean - 2.0 * weighted) if mean > 2.0 * weighted else _HEAVIEST_SHAPE
    shape = min(max(shape, 0.0), _HEAVIEST_SHAPE)
    return mean * (1.0 - shape), shape


def breach_rate_bound(breaches: int, trials: int, confidence: float = 0.95) -> float:
    """Returns the rate that the true one is under, with a confidence (Clopper and Pearson, 1934).

    Args:
        breaches: How many were counted.
        trials: Among how many independent ones; 0 tells nothing.
        confidence: Of the bound, one-sided.
    """
    if breaches >= trials:
        return 1.0
    low, high = breaches / trials, 1.0
    for _ in range(60):
        middle = (low + high) / 2.0
        if _at_most(breaches, trials, middle) > 1.0 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(count: int, trials: int, rate: float) -> float:
    """Returns the probability of at most so many successes."""
    if rate <= 0.0:
        return 1.0
    logs = [
        math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        + k * math.log(rate) + (trials - k) * math.log1p(-rate)
        for k in range(count + 1)
    ]  # fmt: skip
    return math.fsum(map(math.exp, logs))
