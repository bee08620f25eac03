"""Two objects for one node, and an object for another node: what is right of them is applied all the same."""

import json

import pytest

from common.twin.wire import TwinClient


@pytest.fixture
def agent(bench):
    bench.make_domain(7000)
    bench.make_object()
    bench.start_agent()
    bench.until(lambda: bench.status.get("gpus"), "the first word of the agent", 15)
    return bench


def limits(bench):
    with TwinClient(bench.socket, bench.node) as driver:
        return {gpu.uuid: driver.read(gpu.uuid).enforced_limit_watts for gpu in driver.discover().gpus}


def make(bench, name, spec):
    body = {"apiVersion": "climatik.io/v1alpha1", "kind": "NodeFrequencies", "metadata": {"name": name}}
    bench.cluster.kubectl("create", "-f", "-", input=json.dumps({**body, "spec": spec}))


def test_a_second_object_for_the_node_is_a_request_that_the_agent_leaves_to_the_actuator(agent):
    first, second = list(limits(agent))[:2]
    name = f"request-{agent.node}"
    make(agent, name, {"nodeName": agent.node, "gpuPowerLimits": [{"gpuId": first, "watts": 250}]})
    try:
        spec = {"gpuPowerLimits": [{"gpuId": second, "watts": 350}]}
        agent.patch("nodefrequencies", agent.node, {"spec": spec})
        agent.until(lambda: limits(agent)[second] == 350, "the own object's limit")
        assert limits(agent)[first] == 700
        found = json.loads(agent.cluster.kubectl("get", "nodefrequencies", name, "-o", "json"))
        assert "status" not in found, "only the object that bears the node's name has an agent"
    finally:
        agent.cluster.kubectl("delete", "nodefrequencies", name, "--wait=false")


def test_an_object_of_its_name_for_another_node_is_refused_by_name_and_the_grant_before_it_holds(agent):
    agent.grant(4000)
    agent.until(agent.confirmed, "confirmation")
    other = f"other-{agent.node}"
    with pytest.raises(Exception, match="nodeName cannot change while powerBudget is there"):
        agent.patch("nodefrequencies", agent.node, {"spec": {"nodeName": other}})
    assert agent.exposed_watts() <= 4000


def test_without_a_grant_nothing_of_an_object_for_another_node_is_applied_and_status_says_why(agent):
    first = next(iter(limits(agent)))
    other = f"other-{agent.node}"
    spec = {"nodeName": other, "gpuPowerLimits": [{"gpuId": first, "watts": 250}]}
    agent.patch("nodefrequencies", agent.node, {"spec": spec})
    agent.until(lambda: other in agent.condition("Degraded")["message"], "the reason")
    assert limits(agent)[first] == 700
    spec = {"nodeName": agent.node}
    agent.patch("nodefrequencies", agent.node, {"spec": spec})
    agent.until(lambda: limits(agent)[first] == 250, "what is right of it")
    agent.until(lambda: agent.condition("Degraded")["status"] == "False", "the all-clear")
