"""The past draw of every policy, for caps that are a percentage of it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from common.api.meta import object_key
from common.telemetry.columns import Floats
from common.telemetry.dialects.dialect import first_label
from common.telemetry.prometheus import PowerQueries
from recommender.logic.relative import CapHistory

POLICY_WATTS = "climatik_policy_watts"
"""Exported by the recommender itself: what it attributed to each policy's pods."""

_MOST_STEPS = 2000
_LEAST_STEP_SECONDS = 30.0

CapHistories = dict[tuple[str, int], CapHistory]
"""By policy key and window in seconds."""


async def read_cap_histories(prometheus: PowerQueries, windows: Iterable[int], at: float) -> CapHistories:
    """Asks once per distinct window for the draw of all policies.

    Args:
        prometheus: Whom to ask.
        windows: Lengths in seconds.
        at: Unix seconds of the end of the windows.

    Raises:
        TelemetryError: Prometheus gave no answer.
    """
    found: CapHistories = {}
    for window in sorted(set(windows)):
        step = max(_LEAST_STEP_SECONDS, window / _MOST_STEPS)
        # Two recommenders may export the same policy; restarts change the instance: one series for all.
        expression = f"max by (namespace, exported_namespace, policy) ({POLICY_WATTS})"
        matrix = await prometheus.query_range(expression, start=at - window, end=at, step_seconds=step)
        for labels, values in zip(matrix.labels, matrix.values, strict=True):
            # Without honorLabels the policy's namespace is in `exported_namespace`.
            key = object_key(labels.get("policy", ""), first_label(labels, "exported_namespace", "namespace"))
            if history := _history(values, step):
                found[key, window] = history
    return found


def _history(values: Floats, step_seconds: float) -> CapHistory | None:
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    return CapHistory(float(known.max()), float(known.mean()), known.size * step_seconds)
