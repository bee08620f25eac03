"""What one more watt would be worth to a service."""

from __future__ import annotations

import numpy as np

from recommender.planner.options import options_of
from recommender.planner.plan import Row

_ROUNDING = 1e-9


def tokens_per_watt(row: Row) -> float:
    """Returns the steepest rise of throughput over watts from the planned option to a larger one.

    In tokens per second and watt, not weighted by priority; 0 where no option serves more, and where nothing
    is known of the service's throughput.
    """
    if row.service.model is None:
        return 0.0
    options = options_of(row.service)
    watts, tokens = (row.option.watts, row.option.tokens_per_second) if row.option else (0.0, 0.0)
    more_watts, more_tokens = options.watts - watts, options.tokens_per_second - tokens
    larger = (more_watts > 0) & (more_tokens > _ROUNDING * row.service.tokens_per_second)
    return float(np.max(more_tokens[larger] / more_watts[larger], initial=0.0))
