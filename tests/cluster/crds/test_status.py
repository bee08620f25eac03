"""Status has its own door: not written through the main resource, bounded, and strict about its words."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.cluster.crds.objects import Object, domain, frequencies, plan, policy
from tests.cluster.crds.server import ACTUATOR, Server

Stored = Callable[[Object], Object]

STATUS: dict[str, tuple[Object, Object]] = {
    "policy": (policy(), {"effectiveCapWatts": 1}),
    "domain": (domain(), {"observed": {"powerWatts": 1}}),
    "frequencies": (frequencies(), {"drawWatts": 1}),
    "plan": (plan(), {"capWatts": 1}),
}


@pytest.mark.parametrize(("body", "status"), STATUS.values(), ids=STATUS.keys())
def test_status_is_ignored_at_creation(stored: Stored, body: Object, status: Object) -> None:
    assert "status" not in stored({**body, "status": status})


@pytest.mark.parametrize(("body", "status"), STATUS.values(), ids=STATUS.keys())
def test_status_is_ignored_on_the_main_resource(
    server: Server, stored: Stored, body: Object, status: Object
) -> None:
    answer = server.merge(stored(body), {"status": status}, as_user=ACTUATOR if "node" in str(body) else "")
    assert answer.ok
    assert "status" not in answer.body


@pytest.mark.parametrize(("body", "status"), STATUS.values(), ids=STATUS.keys())
def test_spec_is_ignored_on_the_status_subresource(
    server: Server, stored: Stored, body: Object, status: Object
) -> None:
    before = stored(body)
    answer = server.merge(before, {"spec": None, "status": status}, subresource="/status")
    assert answer.ok, answer.message
    assert answer.body["spec"] == before["spec"]
    assert answer.body["status"] == status


class Bad(NamedTuple):
    name: str
    body: Object
    status: Object
    field: str
    words: str


def advice(**parts: Any) -> Object:
    return {"recommendation": parts}


def condition(**changes: Any) -> Object:
    whole = {
        "type": "Ready",
        "status": "True",
        "reason": "Fine",
        "lastTransitionTime": "2027-01-15T17:00:00Z",
    }
    return {"conditions": [{**whole, **changes}]}


CONTAINERS = [{"workload": f"Deployment/d{i}", "container": "vllm"} for i in range(65)]
ENTRIES = [{"kind": "Node", "name": f"n{i}", "watts": 1} for i in range(257)]

REFUSED = [
    Bad(
        "65 containers",
        policy(),
        advice(containers=CONTAINERS),
        "status.recommendation.containers",
        "at most 64",
    ),
    Bad(
        "65 nodes",
        policy(),
        advice(nodes=[{"nodeName": f"n{i}"} for i in range(65)]),
        "status.recommendation.nodes",
        "at most 64",
    ),
    Bad("257 entries", plan(), {"entries": ENTRIES}, "status.entries", "at most 256"),
    Bad(
        "entry of another kind",
        plan(),
        {"entries": [{**ENTRIES[0], "kind": "Pod"}]},
        "status.entries[0].kind",
        "Node",
    ),
    Bad("condition status", domain(), condition(status="Yes"), "status.conditions[0].status", "Unknown"),
    Bad(
        "condition reason",
        domain(),
        condition(reason="two words"),
        "status.conditions[0].reason",
        "should match",
    ),
    Bad("time", frequencies(), {"lastUpdated": "yesterday"}, "status.lastUpdated", "date-time"),
    Bad(
        "device state",
        frequencies(),
        {"gpus": [{"gpuId": "G", "status": "Odd"}]},
        "status.gpus[0].status",
        "Inert",
    ),
    Bad("watts in fractions", frequencies(), {"drawWatts": 1.5}, "status.drawWatts", "of type int"),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_bad_status_is_refused_by_field(server: Server, stored: Stored, case: Bad) -> None:
    answer = server.merge(stored(case.body), {"status": case.status}, subresource="/status")
    assert answer.code == 422, answer.body
    assert any(case.words in message for field, message in answer.causes if field == case.field), (
        answer.causes
    )


def test_64_containers_and_256_entries_fit(server: Server, stored: Stored) -> None:
    assert server.merge(
        stored(policy()), {"status": advice(containers=CONTAINERS[:64])}, subresource="/status"
    ).ok
    assert server.merge(stored(plan()), {"status": {"entries": ENTRIES[:256]}}, subresource="/status").ok
