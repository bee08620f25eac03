"""Fields that were left out appear with their defaults; a new object acts on nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.cluster.crds.objects import (
    Object,
    bare_policy,
    budget,
    domain,
    frequencies,
    load_target,
    plan,
    policy,
    schedule,
)

CASES = {
    "policy threshold": (policy(), "cappingThreshold", 90),
    "policy mode": (policy(), "updatePolicy.updateMode", "Off"),
    "policy replicas": (policy(), "updatePolicy.minReplicas", 1),
    "policy replicas beside a mode": (
        policy(updatePolicy={"updateMode": "Initial"}),
        "updatePolicy.minReplicas",
        1,
    ),
    "policy priority": (policy(), "priority", 0),
    "policy workload type": (policy(), "workloadType", "Inference"),
    "relative cap of the peak": (bare_policy(relativeCap={"percent": 80}), "relativeCap.of", "Peak"),
    "relative cap over a week": (
        bare_policy(relativeCap={"percent": 80}),
        "relativeCap.windowSeconds",
        604800,
    ),
    "ratio tolerance": (
        bare_policy(performancePowerRatio={"targetRatio": 0.8}),
        "performancePowerRatio.tolerancePercentage",
        10,
    ),
    "domain mode": (domain(), "updatePolicy.updateMode", "Off"),
    "domain lease": (domain(), "leaseDurationSeconds", 600),
    "load target ramp": (load_target(), "loadTarget.rampSeconds", 0),
    "schedule time zone": (schedule(), "capSchedules.0.timeZone", "UTC"),
    "supply air": (domain(heatRecirculation={}), "heatRecirculation.supplyTemperature", 20),
    "oversubscription": (domain(oversubscription={}), "oversubscription.maxPercent", 0),
    "breach odds": (domain(oversubscription={}), "oversubscription.breachProbabilityPerMillion", 100),
    "grant is not a release": (frequencies(powerBudget=budget()), "powerBudget.release", False),
    "first shard": (plan(), "shard", 0),
}


@pytest.mark.parametrize(("body", "path", "expected"), CASES.values(), ids=CASES.keys())
def test_default_appears(
    stored: Callable[[Object], Object], body: Object, path: str, expected: object
) -> None:
    value: Any = stored(body)["spec"]
    for step in path.split("."):
        value = value[int(step) if step.isdigit() else step]
    assert value == expected
