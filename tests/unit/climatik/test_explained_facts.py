"""What ``climatik explain`` says of an object as it is now."""

import pytest

from climatik.explain.read import read_facts
from common.api.frequencies import FrequenciesStatus, NodeFrequencies
from common.api.meta import Condition, ObjectMeta
from common.api.policy import PolicyStatus, PowerCappingPolicy
from common.kube.errors import NotFound, Status

FAILED = Condition(type="Ready", status="False", reason="Failed", message="no advice could be worked out")


class Client:
    """Has one object."""

    def __init__(self, item):
        self.item = item

    async def get(self, *_):
        if self.item is None:
            raise NotFound(Status(404, "NotFound", "gone"))
        return self.item


async def facts(kind, item):
    return await read_facts(Client(item), kind, "name", "")


async def test_a_node_whose_agent_never_reported_has_no_draw():
    silent = NodeFrequencies(metadata=ObjectMeta(name="n1"))
    assert await facts("node", silent) == ["Its agent has not reported yet, no grant."]
    spoken = FrequenciesStatus(draw_watts=650, last_updated="2026-01-01T12:00:00Z")
    (said,) = await facts("node", NodeFrequencies(metadata=silent.metadata, status=spoken))
    assert said == "Drew 650 W at 2026-01-01 12:00:00 UTC, no grant."


async def test_a_policy_without_advice_says_what_its_conditions_say():
    policy = PowerCappingPolicy(metadata=ObjectMeta(name="cap"), status=PolicyStatus(conditions=[FAILED]))
    assert (await facts("policy", policy))[-1] == "Ready? no (Failed): no advice could be worked out"
    (*_, last) = await facts("policy", PowerCappingPolicy(metadata=ObjectMeta(name="cap")))
    assert last == "Nobody has advised on it yet: is the recommender running?"


@pytest.mark.parametrize("kind", ["pod", "policy", "node"])
async def test_an_object_that_is_gone_is_said_to_be(kind):
    assert await facts(kind, None) == ["It is not there (any more)."]
