"""Objects left at their default advise: no device, no pod and no workload changes, and the status speaks."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from deploy.local.demo.objects import NAMESPACE
from deploy.local.stack import Stack
from tests.e2e.loop import Loop, clean_loop

OBJECTS = """
apiVersion: climatik.io/v1alpha1
kind: PowerDomain
metadata: {name: default-domain}
spec:
  nodeSelector: {}
  capWatts: 6000
---
apiVersion: climatik.io/v1alpha1
kind: PowerCappingPolicy
metadata: {name: default-policy, namespace: llm}
spec:
  powerCapLimit: 500
  selector: {matchLabels: {app: vllm-chat}}
"""


@pytest.fixture
def loop(stack: Stack) -> Iterator[Loop]:
    with clean_loop(stack) as loop:
        yield loop


def test_a_policy_and_a_domain_left_at_their_default_only_advise(loop: Loop) -> None:
    kubectl = loop.stack.cluster.kubectl
    kubectl("apply", "-f", "-", input=OBJECTS)
    loop.start_services()

    def policy() -> dict[str, object]:
        found: dict[str, object] = json.loads(
            kubectl("get", "pcp", "default-policy", "-n", NAMESPACE, "-o", "json")
        ).get("status", {})
        return found

    loop.wait(lambda: policy().get("cappingActionRequired") is True, "advice under load", 60)
    time.sleep(3)  # real time on purpose: whoever would act on the advice has had the time to
    assert "limit" in str(policy()["recommendation"])
    assert not loop.hardware.differences()
    assert _frequencies(kubectl("get", "nf", "-o", "json")) == []
    pods = json.loads(kubectl("get", "pods", "-n", NAMESPACE, "-o", "json"))["items"]
    assert pods
    assert not [pod for pod in pods if "climatik.io" in json.dumps(pod)]
    deployments = json.loads(kubectl("get", "deployments", "-n", NAMESPACE, "-o", "json"))["items"]
    assert {item["metadata"]["name"]: item["spec"]["replicas"] for item in deployments} == {
        "vllm-chat": 4,
        "vllm-code": 4,
    }


def _frequencies(listed: str) -> list[object]:
    """Specs that ask for something; the agents may have objects to report in."""
    return [item["spec"] for item in json.loads(listed)["items"] if set(item["spec"]) - {"nodeName"}]
