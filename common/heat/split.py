"""The split of a load over racks whose hottest inlet is coolest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from common.heat.recirculation import Floats, Recirculation

_SMOOTHING_DEGREES = 0.01
_ROUNDS = 4000
_HALVINGS = 50


@dataclass(frozen=True)
class Split:
    """A split and what is proven about it.

    Attributes:
        watts: Of each source.
        hottest: Its hottest inlet in degrees Celsius.
        bound: No split of the load has a cooler hottest inlet.
    """

    watts: Floats
    hottest: float
    bound: float


def coolest_split(heat: Recirculation, load_watts: float, least: Floats, most: Floats) -> Split:
    """Returns the split of a load with the coolest hottest inlet, to about a tenth of a degree.

    The maximum over inlets is smoothed by a log-sum-exp and minimised by accelerated projected gradients
    (Nesterov, "Smooth minimization of non-smooth functions", Mathematical Programming 2005). The weights of
    the smoothed maximum are a dual solution, which bounds how much cooler any split could be.

    Args:
        heat: Inlets and what warms them.
        load_watts: To be drawn by all sources together; within the sums of ``least`` and ``most``.
        least: Of each source.
        most: Of each source.
    """
    load = float(np.clip(load_watts, least.sum(), most.sum()))
    watts = _onto_load(np.full(len(least), load / len(least)), load, least, most)
    spread = np.linalg.norm(heat.degrees_per_watt, ord=2)
    step = _SMOOTHING_DEGREES / max(float(spread) ** 2, 1e-30)
    best, bound, ahead, momentum = watts, -np.inf, watts, 1.0
    for _ in range(_ROUNDS):
        slope = heat.degrees_per_watt.T @ _weights(heat.inlets(ahead))
        after = _onto_load(ahead - step * slope, load, least, most)
        following = (1.0 + np.sqrt(1.0 + 4.0 * momentum**2)) / 2.0
        ahead = after + (momentum - 1.0) / following * (after - watts)
        watts, momentum = after, following
        if heat.inlets(watts).max() < heat.inlets(best).max():
            best = watts
    for candidate in (best, watts):
        bound = max(bound, _bound(heat, _weights(heat.inlets(candidate)), load, least, most))
    return Split(best, float(heat.inlets(best).max()), bound)


def _weights(inlets: Floats) -> Floats:
    """Returns how much each inlet counts in the smoothed maximum; they sum to 1."""
    powers = np.exp((inlets - inlets.max()) / _SMOOTHING_DEGREES)
    return np.asarray(powers / powers.sum())


def _onto_load(wanted: Floats, load: float, least: Floats, most: Floats) -> Floats:
    """Returns the nearest watts within their bounds that sum to the load: all are shifted by the same."""
    low, high = float((least - wanted).min()), float((most - wanted).max())
    for _ in range(_HALVINGS):
        shift = (low + high) / 2.0
        if np.clip(wanted + shift, least, most).sum() < load:
            low = shift
        else:
            high = shift
    return np.asarray(np.clip(wanted + high, least, most))


def _bound(heat: Recirculation, weights: Floats, load: float, least: Floats, most: Floats) -> float:
    """Returns the least weighted inlet of any split: the cheapest sources are filled first."""
    price = heat.degrees_per_watt.T @ weights
    watts, left = least.copy(), load - float(least.sum())
    for source in np.argsort(price, kind="stable").tolist():
        taken = min(left, float(most[source] - least[source]))
        watts[source] += taken
        left -= taken
    return float(weights @ heat.supply + price @ watts)
