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
        first_seconds: To the first token of a lone request; 0 where nobody tells.
        first_request_seconds: What each further request adds to that.
    """

    step_seconds: float
    request_seconds: float
    idle_watts: float
    joules_per_token: float
    most_requests: float
    upper_factor: float
    first_seconds: float = 0.0
    first_request_seconds: float = 0.0

    def capacity(self, speed: float, target_seconds: float, first_target: float | None = None) -> float:
        """Returns the most tokens per second within the targets; 0 where not even one request keeps them.

        Args:
            speed: Clocks relative to the top.
            target_seconds: Between tokens, at most.
            first_target: Seconds to the first token, at most; None for no target.
        """
        requests = self._requests_within(target_seconds * speed, self.step_seconds, self.request_seconds)
        if first_target is not None:
            room = first_target * speed
            requests = min(
                requests, self._requests_within(room, self.first_seconds, self.first_request_seconds)
            )
        if requests < 1.0:
            return 0.0
        return speed * requests / (self.step_seconds + self.request_seconds * requests)

    def _requests_within(self, seconds: float, lone: float, each: float) -> float:
        room = seconds - lone
        if room < each or room <= 0:
            return 0.0
        return min(room / each if each > 0 else self.most_requests, self.most_requests)

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
