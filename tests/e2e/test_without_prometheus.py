"""A cluster with nothing else installed: agents and exporter are read, and status shows watts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from deploy.local.demo.objects import EXAMPLE_NAMESPACE, NAMESPACE
from deploy.local.stack import Stack, StackSettings
from tests.e2e.loop import Loop, clean_loop

OBJECTS = """
apiVersion: climatik.io/v1alpha1
kind: PowerDomain
metadata: {name: whole}
spec:
  nodeSelector: {}
  capWatts: 20000
---
apiVersion: climatik.io/v1alpha1
kind: PowerCappingPolicy
metadata: {name: chat, namespace: llm}
spec:
  powerCapLimit: 5000
  selector: {matchLabels: {app: vllm-chat}}
"""


@pytest.fixture
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    """On a stack of its own, without Prometheus."""
    with Stack(tmp_path_factory.mktemp("bare"), StackSettings(prometheus=False)) as bare:
        bare.cluster.kubectl("apply", "-f", str(EXAMPLE_NAMESPACE))
        with clean_loop(bare) as loop:
            yield loop


def test_status_shows_measured_watts(loop: Loop) -> None:
    kubectl = loop.stack.cluster.kubectl
    kubectl("apply", "-f", "-", input=OBJECTS)
    loop.start_services()

    def status(*of: str) -> dict[str, dict[str, object]]:
        found: dict[str, dict[str, object]] = json.loads(kubectl("get", *of, "-o", "json")).get("status", {})
        return found

    def measured() -> bool:
        power = status("pcp", "chat", "-n", NAMESPACE).get("currentPower", {})
        return power.get("measuredPods") == power.get("pods") == 4 and bool(power.get("watts"))

    loop.wait(measured, "watts of all four pods", 60)
    loop.wait(
        lambda: "read directly from 4 agents and 1 exporter" in json.dumps(status("pd", "whole")),
        "agents",
        30,
    )
    seen = status("pd", "whole")["observed"]
    parts: dict[str, int] = seen["attribution"]  # type: ignore[assignment]
    estimated = parts.pop("estimatedWatts")
    assert sum(parts.values()) == seen["powerWatts"]
    assert (parts["nameplateWatts"], estimated) == (0, 0)
    assert 0 < parts["podsWatts"] < sum(parts.values())
