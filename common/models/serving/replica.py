"""What a replica of a running service does at another load, or with its GPUs at lower clocks.

The time between tokens is linear in the requests at once, ``a + c b``, so that ``b`` requests generate
``b / (a + c b)`` tokens a second. Watts are an idle part plus a part in proportion to tokens. At clocks of
``speed`` (1 for the top), every time is divided by ``speed`` and the energy of a token falls with its square,
as voltage follows frequency. Decode that waits for memory slows down less: it errs on the safe side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ReplicaModel:
    """One replica of one service.

    Attributes:
        step_seconds: Between tokens of a lone request: ``a``.
        request_seconds: What each further request adds: ``c``.
        idle_watts: Without load.
        joules_per_token: Above idle, at top clocks.
        most_requests: At once, at most.
        upper_factor: Of measured watts over expected ones, at the quantile that is planned for; at least 1.
    """

    step_seconds: float
    request_seconds: float
    idle_watts: float
    joules_per_token: float
    most_requests: float
    upper_factor: float

    def capacity(self, speed: float, target_seconds: float) -> float:
        """Returns the most tokens per second with no more than the target between tokens; 0 where none."""
        room = target_seconds * speed - self.step_seconds
        if room < self.request_seconds:
            return 0.0
        requests = room / self.request_seconds if self.request_seconds > 0 else self.most_requests
        requests = min(requests, self.most_requests)
        return speed * requests / (self.step_seconds + self.request_seconds * requests)

    def seconds_between_tokens(self, tokens_per_second: float, speed: float) -> float:
        """Returns the time between tokens at a load; infinite from where the replica cannot follow."""
        left = speed - self.request_seconds * tokens_per_second
        if left <= 0:
            return float("inf")
        requests = max(1.0, tokens_per_second * self.step_seconds / left)
        return (self.step_seconds + self.request_seconds * requests) / speed

    def expected_watts(self, tokens_per_second: Array, speed: Array) -> Array:
        """Returns the mean draw at loads, same shape."""
        return self.idle_watts + self.joules_per_token * tokens_per_second * speed**2

    def upper_watts(self, tokens_per_second: Array, speed: Array) -> Array:
        """Returns the draw at the quantile that is planned for, same shape."""
        return self.upper_factor * self.expected_watts(tokens_per_second, speed)
