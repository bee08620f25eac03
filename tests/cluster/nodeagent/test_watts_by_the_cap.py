"""The scheduler keeps the sum of requested watts under the cap, where the node offers its share of it."""

import json

import pytest

from deploy.local.processes import wait_until

LOW, HIGH = 3500, 4500
"""Caps between the base of the node and its nameplate."""


@pytest.fixture
def sharing(bench):
    bench.make_object()
    bench.make_domain(LOW)
    bench.grant(LOW)
    bench.start_agent("--offer", "share", "--manage-taint=false")
    return bench


def offered(bench):
    return bench.node_object["status"].get("capacity", {}).get("climatik.io/watts")


def pod(name, bench, watts):
    amount = {"climatik.io/watts": str(watts)}
    container = {"name": "a", "image": "registry.example/a", "resources": {"limits": amount}}
    spec = {"nodeSelector": {"kubernetes.io/hostname": bench.node}, "containers": [container]}
    spec["tolerations"] = [{"operator": "Exists"}]
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})


def node_of(cluster, namespace, name):
    found = json.loads(cluster.kubectl("get", "pod", name, "-n", namespace, "-o", "json"))
    return found["spec"].get("nodeName", ""), json.dumps(found["status"].get("conditions", []))


def test_a_pod_that_does_not_fit_under_the_cap_starts_when_the_cap_is_raised(cluster, namespace, sharing):
    wait_until(lambda: offered(sharing) == str(LOW), "the share on the node", timeout_seconds=30)
    cluster.kubectl("create", "-n", namespace, "-f", "-", input=pod("fits", sharing, LOW - 500))
    cluster.kubectl("create", "-n", namespace, "-f", "-", input=pod("waits", sharing, 1000))
    wait_until(
        lambda: node_of(cluster, namespace, "fits")[0] == sharing.node, "the first pod", timeout_seconds=30
    )
    wait_until(
        lambda: "Insufficient climatik.io/watts" in node_of(cluster, namespace, "waits")[1],
        "the scheduler's refusal",
        timeout_seconds=30,
    )
    sharing.cut(HIGH)  # here, a raise
    wait_until(
        lambda: node_of(cluster, namespace, "waits")[0] == sharing.node,
        "the second pod under the higher cap",
        timeout_seconds=30,
    )
    sharing.cut(LOW)
    wait_until(lambda: sharing.status.get("powerBudget"), "a report", timeout_seconds=30)
    assert offered(sharing) == str(HIGH), "never lowered under pods that were promised it"
    remove = '[{"op": "remove", "path": "/status/capacity/climatik.io~1watts"}]'
    cluster.kubectl("patch", "node", sharing.node, "--subresource=status", "--type=json", "-p", remove)
    wait_until(lambda: offered(sharing) == str(LOW), "the offer made anew", timeout_seconds=30)
