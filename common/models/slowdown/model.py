"""Slowdown of a workload from what like workloads did and, where there are any, a few probes of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from common.models.slowdown.curve import SlowdownCurve, fit_curve
from common.models.slowdown.prior import Library, Prior
from common.models.slowdown.settings import SlowdownSettings
from common.models.slowdown.sweeps import Sweep

Array = NDArray[np.float64]

_PROBES = 3
_LEAST_SWEEPS = 2
_UNKNOWN_SCALE_VARIANCE = 100.0
_NOISE_PRIOR_PROBES = 1.0


@dataclass(frozen=True)
class SlowdownEstimate:
    """What is expected of a workload.

    Attributes:
        limits_watts: Ascending, shape (limits,).
        curve: Monotone and convex; in seconds after probes, relative to unlimited without.
        lower: Lower end of the interval at each limit, in the curve's unit.
        upper: Upper end.
    """

    limits_watts: Array
    curve: SlowdownCurve
    lower: Array
    upper: Array

    @property
    def expected(self) -> Array:
        """Returns the curve at the limits."""
        return self.curve.seconds(self.limits_watts)


class SlowdownModel:
    """Knows the sweeps of one kind of device.

    Args:
        sweeps: At least two, of two families or more for calibrated intervals.
        settings: Assumptions.
    """

    def __init__(self, sweeps: Sequence[Sweep], settings: SlowdownSettings | None = None) -> None:
        self._settings = settings or SlowdownSettings()
        self._sweeps = tuple(sweeps)
        self._library = Library(sweeps, self._settings)

    def choose_probes(self, limits_watts: Array, draw_watts: float, count: int = _PROBES) -> Array:
        """Returns the limits worth trying: those after which least doubt is left about all others.

        The choice (a Bayesian A-optimal design) rests on the prior alone, never on a measured time.

        Args:
            limits_watts: To choose from, ascending, shape (limits,).
            draw_watts: Mean draw uncapped.
            count: How many.

        Returns:
            Ascending, shape (count,).
        """
        prior = self._prior(limits_watts, draw_watts)
        choices = combinations(range(limits_watts.size), min(count, limits_watts.size))
        best = min(choices, key=lambda choice: float(self._doubt(prior, list(choice)).sum()))
        return limits_watts[list(best)]

    def estimate(
        self, limits_watts: Array, draw_watts: float, probes: Mapping[float, float] | None = None
    ) -> SlowdownEstimate:
        """Returns curve and intervals.

        Args:
            limits_watts: At which, ascending, shape (limits,); the last counts as unlimited.
            draw_watts: Mean draw uncapped.
            probes: Seconds by limit, the limits among ``limits_watts``; none: relative to unlimited.

        Raises:
            ValueError: A probe at a limit that is not asked for.
        """
        mean, covariance = self._posterior(limits_watts, draw_watts, probes)
        curve = _project(limits_watts, mean, covariance)
        spread = self._half_widths[bool(probes)] * np.sqrt(np.diag(covariance))
        expected = curve.seconds(limits_watts)
        return SlowdownEstimate(limits_watts, curve, expected * np.exp(-spread), expected * np.exp(spread))

    def _prior(self, limits_watts: Array, draw_watts: float) -> Prior:
        return self._library.prior(draw_watts).at(self._library.limits_watts, limits_watts)

    def _doubt(self, prior: Prior, probed: list[int]) -> Array:
        covariance = prior.covariance + _UNKNOWN_SCALE_VARIANCE
        gain = self._gain(covariance, probed)
        return np.sqrt(np.maximum(np.diag(covariance - gain @ covariance[probed]), 0.0))

    def _gain(self, covariance: Array, probed: list[int]) -> Array:
        noise = self._settings.measurement_noise**2 * np.eye(len(probed))
        inner = covariance[np.ix_(probed, probed)] + noise
        return np.asarray(np.linalg.solve(inner, covariance[probed]), dtype=np.float64).T

    def _posterior(
        self, limits_watts: Array, draw_watts: float, probes: Mapping[float, float] | None
    ) -> tuple[Array, Array]:
        """Returns mean and covariance, measurement noise included, of the logarithm of the time."""
        prior = self._prior(limits_watts, draw_watts)
        noise = self._settings.measurement_noise**2 * np.eye(limits_watts.size)
        if not probes:
            return prior.mean - prior.mean[-1], prior.covariance + noise
        probed = [_index(limits_watts, watts) for watts in probes]
        seen = np.log(np.array(list(probes.values())))
        level = float(np.mean(seen - prior.mean[probed]))
        covariance = prior.covariance + _UNKNOWN_SCALE_VARIANCE
        gain = self._gain(covariance, probed)
        mean = prior.mean + level + gain @ (seen - prior.mean[probed] - level)
        posterior = covariance - gain @ covariance[probed] + noise
        misfit = seen - np.log(_project(limits_watts, mean, posterior).seconds(limits_watts))[probed]
        return mean, posterior * self._noise_ratio(misfit)

    def _noise_ratio(self, misfit: Array) -> float:
        """Returns how much larger the variance of this workload's times is than usual.

        No monotone convex curve passes through noisy probes, so what is left over tells the noise of this
        workload; it is weighed against the usual noise, which counts as one probe.
        """
        squares = float(misfit @ misfit) / self._settings.measurement_noise**2
        return (_NOISE_PRIOR_PROBES + squares) / (_NOISE_PRIOR_PROBES + misfit.size)

    @cached_property
    def _half_widths(self) -> tuple[float, float]:
        """Half widths of the intervals, in standard deviations, without probes and with.

        Each family in turn is predicted from the others, and the quantile of what went wrong is taken
        (split conformal intervals): the Gaussian is trusted for the shape of doubt, not for its size.
        """
        families = {sweep.family for sweep in self._sweeps}
        scores: tuple[list[Array], list[Array]] = ([], [])
        for family in sorted(families) if len(families) > 1 else []:
            others = self._without(family)
            if len(others) < _LEAST_SWEEPS:
                continue
            model = SlowdownModel(others, self._settings)
            for sweep in (sweep for sweep in self._sweeps if sweep.family == family):
                for into, score in zip(scores, model._scores(sweep), strict=True):
                    into.append(score)
        share = self._settings.interval_share
        return _upper_quantile(scores[0], share), _upper_quantile(scores[1], share)

    def _without(self, family: str) -> list[Sweep]:
        return [sweep for sweep in self._sweeps if sweep.family != family]

    def _scores(self, sweep: Sweep) -> Iterator[Array]:
        """Yields the errors of a sweep in standard deviations: without probes, then with."""
        limits, seconds = sweep.limits_watts, sweep.seconds
        mean, covariance = self._posterior(limits, sweep.draw_watts, None)
        yield _deviations(limits, mean, covariance, seconds / seconds[-1])[:-1]
        chosen = self.choose_probes(limits, sweep.draw_watts)
        probes = {float(watts): float(seconds[_index(limits, watts)]) for watts in chosen}
        mean, covariance = self._posterior(limits, sweep.draw_watts, probes)
        yield _deviations(limits, mean, covariance, seconds)[~np.isin(limits, chosen)]


def _index(limits_watts: Array, watts: float) -> int:
    found = np.flatnonzero(np.isclose(limits_watts, watts))
    if not found.size:
        raise ValueError(
            f"no estimate is asked for at the probed limit of {watts:g} W: add it to limits_watts"
        )
    return int(found[0])


def _project(limits_watts: Array, mean: Array, covariance: Array) -> SlowdownCurve:
    precision = np.asarray(np.linalg.inv(covariance), dtype=np.float64)
    return fit_curve(limits_watts, np.exp(mean), precision)


def _deviations(limits_watts: Array, mean: Array, covariance: Array, seconds: Array) -> Array:
    expected = _project(limits_watts, mean, covariance).seconds(limits_watts)
    errors: Array = np.abs(np.log(seconds / expected)) / np.sqrt(np.diag(covariance))
    return errors


def _upper_quantile(scores: list[Array], share: float) -> float:
    """Returns the quantile with the correction for few scores; infinite when there are too few of them."""
    pooled = np.sort(np.concatenate(scores)) if scores else np.array([])
    rank = int(np.ceil(share * (pooled.size + 1)))
    return float(pooled[rank - 1]) if 0 < rank <= pooled.size else float("inf")
