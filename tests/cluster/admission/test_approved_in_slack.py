"""From a button in Slack to the settings of devices: the actuator acts on what was approved, no more."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from deploy.local.cluster import LocalCluster
from deploy.local.processes import wait_until
from tests.cluster.admission.objects import create, node
from tests.cluster.admission.slack_app import (
    GROUPS,
    READER,
    ROOT,
    STRANGER,
    command,
    end_approval,
    live,
    offered,
    pressed,
    rights,
    running_app,
)
from tests.fakes.slack import SlackStandIn, press, send, signature

GPU = "GPU-0000"
ADVISED, OTHER = 250, 300


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackStandIn]:
    made = SlackStandIn(GROUPS)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def app(
    cluster: LocalCluster, slack: SlackStandIn, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a running app."""
    with rights(cluster), running_app(cluster, slack, tmp_path_factory.mktemp("slack")) as url:
        yield url


@pytest.fixture(scope="module")
def actuator(cluster: LocalCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A running actuator, with its own rights."""
    command = [
        sys.executable, "-m", "actuator", f"--kubeconfig={cluster.kubeconfig_for('climatik-actuator')}",
        "--listen-address=", "--tick-seconds=0.3",
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("actuator") / "log"
    environ = {**os.environ, "PYTHONWARNINGS": "error"}
    with path.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=log)
    yield
    process.terminate()
    assert process.wait(timeout=15) == 0, path.read_text()
    assert "Traceback" not in path.read_text()


@dataclass
class Desk:
    """A policy that waits for its approval, and one beside it that needs none.

    What the actuator does about the second one shows that it has looked since.
    """

    cluster: LocalCluster
    namespace: str
    waiting_node: str
    free_node: str

    @property
    def policy(self) -> str:
        return f"{self.namespace}/waiting"

    def advise(self, policy: str, where: str, watts: int) -> None:
        """Speaks for the recommender."""
        advice = {"nodes": [{"nodeName": where, "gpus": [{"gpuId": GPU, "watts": watts}]}]}
        patch = json.dumps({"status": {"recommendation": advice}})
        where_to = ["-n", self.namespace, "--subresource=status", "--type=merge", "-p", patch]
        self.cluster.kubectl("patch", "pcp", policy, *where_to)

    def limits(self, where: str) -> list[int]:
        """Returns the limits that the node's devices are told to keep."""
        text = self.cluster.kubectl("get", "nodefrequencies", "-o", "json")
        specs = [item["spec"] for item in json.loads(text)["items"] if item["spec"]["nodeName"] == where]
        return [limit["watts"] for spec in specs for limit in spec.get("gpuPowerLimits", [])]

    def until_limited(self, where: str, watts: int) -> None:
        wait_until(lambda: self.limits(where) == [watts], f"{watts} W on {where}", timeout_seconds=30)

    def until_free(self) -> None:
        wait_until(lambda: not self.limits(self.waiting_node), "limits to go", timeout_seconds=30)

    def assert_left_alone(self) -> None:
        """The actuator has taken advice that was given after everything so far, and not this policy's."""
        present = self.limits(self.free_node)
        watts = OTHER + 1 if present == [OTHER] else OTHER
        self.advise("free", self.free_node, watts)
        self.until_limited(self.free_node, watts)
        assert self.limits(self.waiting_node) == []


@pytest.fixture
def desk(cluster: LocalCluster, actuator: None, namespace: str) -> Iterator[Desk]:
    tag = f"desk-{uuid.uuid4().hex[:6]}"
    made = Desk(cluster, namespace, f"{tag}-a", f"{tag}-b")
    for name in (made.waiting_node, made.free_node):
        create(cluster, node(name, tag))
    _policy(made, "waiting", {"updateMode": "Off"})
    _policy(made, "free", {"updateMode": "Auto", "levers": ["PowerLimit"]})
    made.advise("waiting", made.waiting_node, ADVISED)
    yield made
    cluster.kubectl("delete", "pcp", "waiting", "free", "-n", namespace)
    cluster.kubectl("delete", "node", made.waiting_node, made.free_node, "--wait=false")


def test_advice_is_taken_once_it_is_approved_and_given_back_when_revoked(app, slack, desk):
    desk.assert_left_alone()
    button = offered(app, desk.policy)
    desk.assert_left_alone()
    assert "approved" in pressed(app, slack, button)["text"]
    desk.until_limited(desk.waiting_node, ADVISED)
    assert "revoked" in command(app, f"revoke {desk.policy}")["text"]
    desk.until_free()
    desk.assert_left_alone()


@pytest.mark.parametrize("user", [READER, STRANGER])
def test_who_may_not_approve_moves_no_device(app, slack, desk, user):
    button = offered(app, desk.policy)
    assert "You may not do this" in command(app, f"approve {desk.policy}", user)["text"]
    assert "You may not do this" in pressed(app, slack, button, user)["text"]
    desk.assert_left_alone()


def test_a_forged_button_moves_no_device(app, slack, desk):
    body = press(offered(app, desk.policy), "UBOSS", slack.response_url)
    assert send(f"{app}/actions", body, signature(body, 1, "other"))[0] == 401
    desk.assert_left_alone()


def test_an_approval_that_has_ended_moves_no_device(cluster, app, slack, desk):
    button = offered(app, desk.policy, "1")
    pressed(app, slack, button)
    desk.until_limited(desk.waiting_node, ADVISED)
    end_approval(cluster, desk.policy)
    desk.until_free()
    desk.assert_left_alone()
    assert "changed since" in pressed(app, slack, button)["text"]
    assert live(cluster, desk.policy)["spec"]["updatePolicy"]["updateMode"] == "Off"
    desk.assert_left_alone()


def _policy(desk: Desk, name: str, update: dict[str, object]) -> None:
    body = {
        "apiVersion": "climatik.io/v1alpha1",
        "kind": "PowerCappingPolicy",
        "metadata": {"name": name, "namespace": desk.namespace},
        "spec": {
            "powerCapLimit": 1000,
            "selector": {"matchLabels": {"app": name}},
            "updatePolicy": update,
        },
    }
    create(desk.cluster, body)
