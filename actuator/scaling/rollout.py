"""How many pods more than its replicas a rollout under way may make. Pure."""

from __future__ import annotations

import math

from common.api.apps import Deployment

_DEFAULT_SURGE = "25%"
_RECREATE = "Recreate"


def surge_of(deployment: Deployment) -> int:
    """Returns the surge of a Deployment whose pods are being replaced; 0 while none are.

    A percentage is rounded up, as the Deployment controller does. A StatefulSet replaces pod by pod, and a
    Deployment with strategy Recreate stops the old ones first: neither has a surge.
    """
    spec, status = deployment.spec, deployment.status
    replicas = 1 if spec.replicas is None else spec.replicas
    seen = status.observed_generation >= deployment.metadata.generation
    if spec.strategy.type == _RECREATE or (
        seen and status.updated_replicas >= min(replicas, status.replicas)
    ):
        return 0
    rolling = spec.strategy.rolling_update
    surge = rolling.max_surge if rolling and rolling.max_surge is not None else _DEFAULT_SURGE
    if isinstance(surge, int):
        return surge
    percent = surge.removesuffix("%")
    return math.ceil(replicas * int(percent) / 100) if percent.isdecimal() else replicas
