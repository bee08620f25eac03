"""Several writers share one object under server-side apply: each owns its entries and its fields."""

from collections.abc import Callable

import pytest

from common.api.names import MANAGER_ACTUATOR, MANAGER_RECOMMENDER
from tests.cluster.crds.objects import Object, domain, frequencies, make
from tests.cluster.crds.server import ACTUATOR, Server

Stored = Callable[[Object], Object]

WRITERS = {MANAGER_ACTUATOR: ACTUATOR, MANAGER_RECOMMENDER: ""}


def status(name: str, *types: str, **more: object) -> Object:
    since = "2027-01-15T17:00:00Z"
    conditions = [{"type": t, "status": "True", "reason": "Fine", "lastTransitionTime": since} for t in types]
    body = make("PowerDomain", name, {})
    del body["spec"]
    return {**body, "status": {"conditions": conditions, **more}}


@pytest.fixture
def shared(server: Server, stored: Stored) -> Callable[[str, Object], Object]:
    """A domain, and how a manager applies a status to it; returns the status that is there then."""
    stored(domain(name="shared"))

    def apply(manager: str, body: Object) -> Object:
        answer = server.apply(body, manager, as_user=WRITERS[manager], subresource="/status")
        assert answer.ok, answer.message
        found: Object = answer.body["status"]
        return found

    return apply


def types_of(found: Object) -> set[str]:
    return {condition["type"] for condition in found["conditions"]}


def test_actuator_and_recommender_keep_their_own_conditions(shared: Callable[[str, Object], Object]) -> None:
    shared(MANAGER_ACTUATOR, status("shared", "Enforced", "TreeValid", enforcement={"leaderEpoch": 3}))
    both = shared(MANAGER_RECOMMENDER, status("shared", "Observed", observed={"powerWatts": 5}))
    assert types_of(both) == {"Enforced", "TreeValid", "Observed"}
    assert both["enforcement"] == {"leaderEpoch": 3}
    fewer = shared(MANAGER_ACTUATOR, status("shared", "Enforced", enforcement={"leaderEpoch": 3}))
    assert types_of(fewer) == {"Enforced", "Observed"}
    assert fewer["observed"] == {"powerWatts": 5}


def test_two_people_set_two_gpus_of_one_request(server: Server, stored: Stored) -> None:
    stored(frequencies(name="request"))
    for person, gpu in (("ann", "GPU-1"), ("ben", "GPU-2")):
        limits = [{"gpuId": gpu, "watts": 300}]
        answer = server.apply(frequencies(name="request", gpuPowerLimits=limits), person)
        assert answer.ok, answer.message
    assert [limit["gpuId"] for limit in answer.body["spec"]["gpuPowerLimits"]] == ["GPU-1", "GPU-2"]
