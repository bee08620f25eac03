"""How many pods more than its replicas a Deployment may make while its pods are replaced."""

from __future__ import annotations

import pytest

from actuator.scaling.rollout import surge_of
from common.api.apps import Deployment, DeploymentSpec, DeploymentStatus, DeploymentStrategy, RollingUpdate
from common.api.meta import ObjectMeta

DONE = DeploymentStatus(observed_generation=2, replicas=10, updated_replicas=10)
UNDER_WAY = DeploymentStatus(observed_generation=2, replicas=11, updated_replicas=3)
NOT_SEEN = DeploymentStatus(observed_generation=1, replicas=10, updated_replicas=10)


def rolling(surge: int | str | None) -> DeploymentStrategy:
    return DeploymentStrategy(type="RollingUpdate", rolling_update=RollingUpdate(max_surge=surge))


CASES = {
    "nothing is replaced": (rolling(3), DONE, 0),
    "a count": (rolling(3), UNDER_WAY, 3),
    "a percentage, rounded up": (rolling("25%"), UNDER_WAY, 3),
    "a quarter by default": (DeploymentStrategy(), UNDER_WAY, 3),
    "a template that its controller has not seen yet": (rolling(2), NOT_SEEN, 2),
    "the old ones stop first": (DeploymentStrategy(type="Recreate"), UNDER_WAY, 0),
    "something unreadable counts in full": (rolling("many"), UNDER_WAY, 10),
}


@pytest.mark.parametrize(("strategy", "status", "surge"), CASES.values(), ids=CASES.keys())
def test_surge(strategy: DeploymentStrategy, status: DeploymentStatus, surge: int) -> None:
    spec = DeploymentSpec(replicas=10, strategy=strategy)
    assert surge_of(Deployment(metadata=ObjectMeta(generation=2), spec=spec, status=status)) == surge
