"""A simulated machine behind the real node agent, with the agent's own rights on the real API server."""

import json
import sys
import time
import uuid
from datetime import UTC, datetime

import pytest

from common.twin.wire import AdminClient, TwinClient
from deploy.local.processes import ProcessSet, wait_until

BASE = 2500
"""Covers the floors of four H100 boards and two packages and the rest of the node."""


class Bench:
    """One node, its machine room, its agent, and a PowerDomain of its own."""

    def __init__(self, cluster, folder):
        self.cluster = cluster
        self.folder = folder
        self.node = f"agent-{uuid.uuid4().hex[:6]}"
        self.domain = f"row-{self.node}"
        self.socket = folder / "room.sock"
        self.kubelet_socket = folder / "kubelets" / f"{self.node}.sock"
        self.processes = ProcessSet(folder, dict(cluster.environment))
        self.sequence = 0
        self.agent = None
        self.lease_seconds = 600

    def start_room(self):
        fleet = self.folder / "fleet.toml"
        fleet.write_text(f'[[nodes]]\nname = "{self.node}"\nrack = "{self.node}"\ngpus = 4\n')
        arguments = [
            "--socket",
            str(self.socket),
            "--fleet",
            str(fleet),
            "--kubeconfig",
            str(self.cluster.kubeconfig),
            "--pod-resources",
            str(self.kubelet_socket.parent),
        ]
        self.processes.start("room", [sys.executable, "-m", "deploy.local.machine_room", *arguments])
        wait_until(self._node_is_up, "the node", timeout_seconds=30, check=self.processes.check)

    def start_watchdog(self, silence_seconds=3):
        arguments = ["--watchdog", "--node-name", self.node, "--simulated-socket", str(self.socket)]
        arguments += ["--state-dir", str(self.folder / "state")]
        arguments += ["--watchdog-silence-seconds", str(silence_seconds)]
        return self.processes.start("watchdog", [sys.executable, "-m", "nodeagent", *arguments])

    def start_agent(self, *flags):
        kubeconfig = self.cluster.kubeconfig_for("climatik-nodeagent", node=self.node)
        arguments = [
            *("--pod-resources-socket", str(self.kubelet_socket), "--pod-resources-period-seconds", "0.5"),
            *("--node-name", self.node, "--simulated-socket", str(self.socket)),
            *("--state-dir", str(self.folder / "state"), "--kubeconfig", str(kubeconfig)),
            *flags,
        ]
        self.agent = self.processes.start("agent", [sys.executable, "-m", "nodeagent", *arguments])

    def run_agent(self, *flags):
        """Runs the agent as a command; returns its exit status."""
        arguments = ["--node-name", self.node, "--simulated-socket", str(self.socket)]
        arguments += ["--state-dir", str(self.folder / "state"), *flags]
        return self.processes.start("command", [sys.executable, "-m", "nodeagent", *arguments]).wait(30)

    def make_object(self, **spec):
        self._create("NodeFrequencies", self.node, {"nodeName": self.node, **spec})

    def make_domain(self, cap):
        spec = {"capWatts": cap, "minimumCapWatts": BASE, "updatePolicy": {"updateMode": "Auto"}}
        self._create("PowerDomain", self.domain, spec)
        self.make_heartbeat(cap)

    def make_heartbeat(self, cap):
        word = {
            "leaderEpoch": 1,
            "heartbeatTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "effectiveCapWatts": cap,
            "grantedCapWatts": cap,
            "baseWatts": BASE,
            "reservedWatts": cap,
        }
        self.patch(
            "powerdomain",
            self.domain,
            {"status": {"enforcement": word}},
            "--subresource=status",
            kubectl=self.actuator.run,
        )

    def exposed_watts(self):
        """What the node may draw by the limits of its devices and the bound on its rest."""
        with TwinClient(self.socket, self.node) as driver:
            found = driver.discover()
            names = [gpu.uuid for gpu in found.gpus] + [package.device for package in found.packages]
            limits = sum(driver.read(name).enforced_limit_watts for name in names)
            return limits + found.rest_bound_watts

    def cut(self, cap):
        self.patch("powerdomain", self.domain, {"spec": {"capWatts": cap}})

    def grant(self, watts, *, release=False):
        self.sequence += 1
        budget = {
            "sequence": self.sequence,
            "leaderEpoch": 1,
            "domain": self.domain,
            "baseWatts": BASE,
            "grantWatts": watts,
            "reservedWatts": 10_000,
            "leaseDurationSeconds": self.lease_seconds,
            "release": release,
        }
        self.patch("nodefrequencies", self.node, {"spec": {"powerBudget": budget}}, kubectl=self.actuator.run)

    @property
    def actuator(self):
        """Kubectl as the one account that may write grants and heartbeats."""
        return self.cluster.kubectl_as(self.cluster.kubeconfig_for("climatik-actuator"))

    def patch(self, kind, name, body, *flags, kubectl=None):
        (kubectl or self.cluster.kubectl)("patch", kind, name, "--type=merge", "-p", json.dumps(body), *flags)

    @property
    def status(self):
        found = json.loads(self.cluster.kubectl("get", "nodefrequencies", self.node, "-o", "json"))
        return found.get("status", {})

    @property
    def node_object(self):
        return json.loads(self.cluster.kubectl("get", "node", self.node, "-o", "json"))

    def condition(self, name):
        return next((c for c in self.status.get("conditions", []) if c["type"] == name), None)

    def truth(self):
        with AdminClient(self.socket) as admin:
            return admin.truth(self.node)

    def differences(self):
        with AdminClient(self.socket) as admin:
            return admin.differences(self.node)

    def until(self, ready, what, seconds=10):
        started = time.monotonic()
        wait_until(ready, what, timeout_seconds=seconds)
        return time.monotonic() - started

    def confirmed(self):
        return self.status.get("powerBudget", {}).get("sequence", 0) == self.sequence

    def remove(self):
        self.processes.stop()
        names = ["delete", "--wait=false", "--ignore-not-found"]
        self.cluster.kubectl(
            *names, f"nodefrequencies/{self.node}", f"node/{self.node}", f"powerdomain/{self.domain}"
        )

    def _create(self, kind, name, spec):
        body = {"apiVersion": "climatik.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}
        self.cluster.kubectl("create", "-f", "-", input=json.dumps(body))

    def _node_is_up(self):
        found = self.cluster.kubectl("get", "node", self.node, "--ignore-not-found", "-o", "json")
        return bool(found) and bool(json.loads(found)["status"].get("nodeInfo", {}).get("bootID"))


@pytest.fixture
def bench(cluster, tmp_path):
    found = Bench(cluster, tmp_path)
    try:
        found.start_room()
        yield found
    finally:
        found.remove()
