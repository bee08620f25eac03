"""Pods of the real API server on simulated GPUs: named in status, capped as long as they are there."""

import json
from pathlib import Path

import pytest

from common.twin.wire import TwinClient

DYNAMO = "dynamo.nvidia.com/gpu-power-limit"


@pytest.fixture
def agent(bench):
    bench.make_domain(7000)
    bench.make_object()
    bench.start_agent()
    bench.until(lambda: "powerBudget" in bench.status, "the first word of the agent", 15)
    return bench


@pytest.fixture
def pods(agent, namespace):
    """Makes pods on the agent's node; ``remove`` takes one away at once."""
    found = Pods(agent, namespace)
    yield found
    found.remove_all()


class Pods:
    def __init__(self, agent, namespace):
        self._agent = agent
        self.namespace = namespace
        self._names = []

    def make(self, name, gpus=1, **annotations):
        resources = {"limits": {"nvidia.com/gpu": str(gpus)}}
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": self.namespace, "annotations": annotations},
            "spec": {
                "nodeName": self._agent.node,
                "containers": [{"name": "server", "image": "vllm", "resources": resources}],
            },
        }
        self._agent.cluster.kubectl("create", "-f", "-", input=json.dumps(body))
        self._names.append(name)

    def remove(self, name):
        self._names.remove(name)
        flags = ["--grace-period=0", "--force", "--ignore-not-found"]
        self._agent.cluster.kubectl("delete", "pod", name, "-n", self.namespace, *flags)

    def remove_all(self):
        for name in list(self._names):
            self.remove(name)


def rows(agent):
    return {
        gpu["gpuId"]: [(pod["namespace"], pod["name"], pod["container"]) for pod in gpu.get("pods", [])]
        for gpu in agent.status.get("gpus", [])
    }


def board_of(agent, pods, name):
    """Returns the GPU that a pod is on, once status says so."""

    def found():
        return [board for board, held in rows(agent).items() if (pods.namespace, name, "server") in held]

    agent.until(lambda: len(found()) == 1, f"{name} in status", 15)
    return found()[0]


def limit_watts(agent, board):
    with TwinClient(agent.socket, agent.node) as driver:
        return driver.read(board).enforced_limit_watts


def resident_mib(process):
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) / 1024


def cap(agent, pods, name, watts, board):
    item = {"gpuId": board, "podNamespace": pods.namespace, "podName": name, "watts": watts}
    agent.patch("nodefrequencies", agent.node, {"spec": {"podPowerLimits": [item]}})


def test_status_names_the_pod_and_its_cap_comes_and_goes_with_it(agent, pods):
    pods.make("chat-0")
    board = board_of(agent, pods, "chat-0")
    found = limit_watts(agent, board)
    assert agent.condition("PodsKnown")["status"] == "True"

    cap(agent, pods, "chat-0", 300, board)
    agent.until(lambda: limit_watts(agent, board) == 300, "the pod's cap")
    pods.remove("chat-0")
    agent.until(lambda: limit_watts(agent, board) == found, "the limit as found", 15)
    agent.until(lambda: rows(agent)[board] == [], "an empty row")
    row = next(gpu for gpu in agent.status["gpus"] if gpu["gpuId"] == board)
    assert "waits until that pod holds this GPU" in row["reason"]

    pods.make("chat-0")
    agent.until(lambda: limit_watts(agent, board) == 300, "the cap of the pod that came back", 15)
    assert 20 < resident_mib(agent.agent) <= 64, "MiB, with the kubelet and the node's pods followed"


def test_a_gpu_of_another_power_agents_pod_is_left_alone(agent, pods):
    pods.make("theirs", **{DYNAMO: "400"})
    board = board_of(agent, pods, "theirs")
    found = limit_watts(agent, board)
    agent.grant(4000)

    def row():
        return next(gpu for gpu in agent.status["gpus"] if gpu["gpuId"] == board)

    agent.until(lambda: DYNAMO in row().get("owner", ""), "the owner")
    agent.until(agent.confirmed, "confirmation")
    assert limit_watts(agent, board) == found
    assert pods.namespace in row()["owner"]
    pods.remove("theirs")
    agent.until(lambda: limit_watts(agent, board) < found, "a limit of ours again", 15)


def test_without_the_kubelet_the_agent_says_so_and_goes_on(agent, pods):
    pods.make("chat-0")
    board = board_of(agent, pods, "chat-0")
    agent.agent.stop()
    agent.kubelet_socket.unlink()
    agent.start_agent()
    agent.until(lambda: agent.condition("PodsKnown")["reason"] == "SocketMissing", "the condition", 15)
    assert rows(agent)[board] == []
    agent.grant(4000)
    agent.until(agent.confirmed, "confirmation")
