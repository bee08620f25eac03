"""Watts as the scheduler sees them: what does not fit waits, and starts once a node offers more."""

import json

from deploy.local.processes import wait_until
from tests.cluster.admission.objects import LABELS, WATTS, create, pod_spec, pods, policy, reserved


def phases(cluster, namespace):
    return sorted(one["status"]["phase"] for one in pods(cluster, namespace))


def refusal(cluster, namespace):
    """What the scheduler says of the pods that it has no place for."""
    told = [
        condition.get("message", "")
        for one in pods(cluster, namespace)
        for condition in one["status"].get("conditions", [])
        if condition["type"] == "PodScheduled" and condition["status"] == "False"
    ]
    return " ".join(told)


def offer(cluster, node, watts):
    """Raises what a node offers, as its agent does: capacity is what a kubelet takes allocatable from."""
    offered = {"capacity": {WATTS: str(watts)}, "allocatable": {WATTS: str(watts)}}
    patch = json.dumps({"status": offered})
    cluster.kubectl("patch", "node", node, "--subresource=status", "--type=merge", "-p", patch)


def test_pods_of_a_deployment_start_as_far_as_watts_reach_and_the_rest_when_there_are_more(
    cluster, namespace, webhook, pool
):
    offer(cluster, pool, 1700)
    create(cluster, policy(namespace))
    template = {"metadata": {"labels": LABELS}, "spec": pod_spec(pool)}
    spec = {"replicas": 3, "selector": {"matchLabels": LABELS}, "template": template}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}
    cluster.kubectl("apply", "-n", namespace, "-f", "-", input=json.dumps(deployment))
    wait_until(
        lambda: phases(cluster, namespace) == ["Pending", "Running", "Running"],
        "two of three pods",
        timeout_seconds=30,
    )
    assert {reserved(one)[1] for one in pods(cluster, namespace)} == {("816", "816")}
    wait_until(lambda: f"Insufficient {WATTS}" in refusal(cluster, namespace), "refusal", timeout_seconds=10)
    offer(cluster, pool, 2600)
    wait_until(lambda: phases(cluster, namespace) == ["Running"] * 3, "the third pod", timeout_seconds=30)
