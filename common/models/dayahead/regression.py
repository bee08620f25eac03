"""Linear regression for the median: absolute errors, a ridge on the coefficients.

Fitted by iteratively reweighted least squares (Schlossmacher, An iterative technique for absolute deviations
curve fitting, 1973). Absolute errors are what the forecasts are judged by, and one price spike of a whole
year must not bend the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from common.models.dayahead.hourly import Floats

_ROUNDS = 15
_LEAST_ERROR_SHARE = 0.1
_TINY = 1e-9


@dataclass(frozen=True)
class MedianRegression:
    """Coefficients of 24 regressions on the same features, one per hour.

    Attributes:
        means: Of the features when fitted.
        spreads: Standard deviations of the features when fitted.
        coefficients: Shape (features + 1, 24), the intercept last.
    """

    means: Floats
    spreads: Floats
    coefficients: Floats

    @classmethod
    def fit(cls, features: Floats, targets: Floats, ridge: float) -> MedianRegression:
        """Fits each column of targets; NaN targets are left out.

        Args:
            features: Shape (rows, features), finite.
            targets: Shape (rows, 24).
            ridge: Penalty in units of the features' variance; the intercept bears none.
        """
        means, spreads = features.mean(axis=0), features.std(axis=0)
        # A feature that never varied when fitted says nothing later either.
        spreads = np.where(spreads > _TINY, spreads, np.inf)
        scaled = _with_intercept((features - means) / spreads)
        penalty = ridge * np.eye(scaled.shape[1])
        penalty[-1, -1] = _TINY
        columns = [_fit_one(scaled, target, penalty) for target in targets.T]
        return cls(means, spreads, np.column_stack(columns))

    def predict(self, features: Floats) -> Floats:
        """Returns forecasts of shape (rows, 24)."""
        return _with_intercept((features - self.means) / self.spreads) @ self.coefficients


def _with_intercept(scaled: Floats) -> Floats:
    return np.column_stack([scaled, np.ones(len(scaled))])


def _fit_one(scaled: Floats, target: Floats, penalty: Floats) -> Floats:
    known = np.isfinite(target)
    rows, values = scaled[known], target[known]
    if not values.size:
        return np.zeros(scaled.shape[1])
    weights = np.ones(len(values))
    coefficients = np.zeros(scaled.shape[1])
    for _ in range(_ROUNDS):
        weighted = rows * weights[:, None]
        coefficients = np.linalg.solve(weighted.T @ rows + weights.sum() * penalty, weighted.T @ values)
        errors = np.abs(values - rows @ coefficients)
        typical = max(float(np.median(errors)), _TINY)
        weights = typical / np.maximum(errors, _LEAST_ERROR_SHARE * typical)
    return coefficients
