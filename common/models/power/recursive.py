"""Recursive least squares with forgetting towards a prior, and coefficients that are never negative."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.models.slowdown.least_squares import nonnegative_least_squares

Array = NDArray[np.float64]


@dataclass
class Moments:
    """Fading sums over samples: all that least squares need to know of them.

    Attributes:
        squares: Of the features, shape (features, features).
        products: Of features and outcome, shape (features,).
        outcome_squares: Of the outcome.
        count: Samples, faded ones in part.
        last: Unix seconds of the last one; 0 before the first.
    """

    squares: Array
    products: Array
    outcome_squares: float = 0.0
    count: float = 0.0
    last: float = 0.0

    @classmethod
    def nothing(cls, features: int) -> Moments:
        """Returns sums over no sample."""
        return cls(np.zeros((features, features)), np.zeros(features))

    def add(self, at: float, features: Array, outcomes: Array, half_life_seconds: float) -> None:
        """Adds samples of one moment, and makes those before it count less by the time that has passed.

        Args:
            at: Unix seconds.
            features: Shape (samples, features).
            outcomes: Shape (samples,).
            half_life_seconds: After which a sample counts half.
        """
        keep = 0.5 ** (max(0.0, at - self.last) / half_life_seconds) if self.last else 1.0
        self.squares = keep * self.squares + features.T @ features
        self.products = keep * self.products + features.T @ outcomes
        self.outcome_squares = keep * self.outcome_squares + float(outcomes @ outcomes)
        self.count = keep * self.count + len(outcomes)
        self.last = max(self.last, at)


@dataclass(frozen=True)
class Fit:
    """Coefficients and how sure they are.

    Attributes:
        coefficients: At least 0, shape (features,).
        covariance: Inverse of what the samples and the prior tell, shape (features, features).
        variance: Of one outcome around its expectation.
    """

    coefficients: Array
    covariance: Array
    variance: float

    def predict(self, features: Array) -> tuple[Array, Array]:
        """Returns expected outcomes, and the standard deviation of one outcome around each.

        Args:
            features: Shape (queries, features).
        """
        doubt = np.einsum("qf,fg,qg->q", features, self.covariance, features)
        return features @ self.coefficients, np.sqrt(self.variance * (1.0 + doubt))


def fit_moments(moments: Moments, prior: Array, precision: Array, prior_variance: float) -> Fit:
    """Returns the most probable coefficients.

    The prior does not fade: where samples stop telling of a feature, its coefficient returns to what was
    assumed, and the covariance cannot grow without bound (the wind-up of plain forgetting).

    Args:
        moments: Of the samples.
        prior: Expected coefficients, shape (features,).
        precision: How many samples each of them counts for, same shape.
        prior_variance: Of an outcome, counted as one sample.
    """
    squares = moments.squares + np.diag(precision)
    products = moments.products + precision * prior
    root = np.linalg.cholesky(squares)
    target = np.asarray(np.linalg.solve(root, products), dtype=np.float64)
    coefficients = nonnegative_least_squares(np.asarray(root.T, dtype=np.float64), target)
    residual = (
        moments.outcome_squares
        - 2.0 * float(moments.products @ coefficients)
        + float(coefficients @ moments.squares @ coefficients)
    )
    variance = (max(residual, 0.0) + prior_variance) / (moments.count + 1.0)
    return Fit(coefficients, np.asarray(np.linalg.inv(squares), dtype=np.float64), variance)
