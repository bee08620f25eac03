"""Valid objects to start from; each test changes what it is about."""

from typing import Any

from tests.cluster.crds.server import GROUP_VERSION

Object = dict[str, Any]


def make(kind: str, name: str, spec: Object) -> Object:
    return {"apiVersion": GROUP_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}


def policy(*, name: str = "probe", **spec: Any) -> Object:
    return make("PowerCappingPolicy", name, {"powerCapLimit": 1000, **spec})


def bare_policy(*, name: str = "probe", **spec: Any) -> Object:
    """A policy without any cap but those given."""
    return make("PowerCappingPolicy", name, spec)


def domain(*, name: str = "probe", **spec: Any) -> Object:
    return make("PowerDomain", name, {"capWatts": 8000, **spec})


def load_target(**changes: Any) -> Object:
    """A domain with a load target; a change to None takes the field out."""
    times = {"startTime": "2027-01-15T17:00:00Z", "endTime": "2027-01-15T19:00:00Z"}
    target = {"watts": 6000, **times, **changes}
    return domain(loadTarget={key: value for key, value in target.items() if value is not None})


def schedule(**changes: Any) -> Object:
    return domain(
        capSchedules=[{"start": "0 17 * * 1-5", "durationSeconds": 3600, "capWatts": 4000, **changes}]
    )


def frequencies(*, name: str = "node-1", **spec: Any) -> Object:
    return make("NodeFrequencies", name, {"nodeName": "node-1", **spec})


def budget(**changes: Any) -> Object:
    grant = {
        "sequence": 5,
        "leaderEpoch": 3,
        "domain": "rack-1",
        "baseWatts": 1000,
        "grantWatts": 2000,
        "reservedWatts": 2500,
        "leaseDurationSeconds": 600,
    }
    return {key: value for key, value in {**grant, **changes}.items() if value is not None}


def plan(*, name: str = "rack-1", **spec: Any) -> Object:
    return make("PowerPlan", name, {"domain": "rack-1", **spec})
