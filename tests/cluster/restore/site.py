"""A control plane of its own, an actuator, and four simulated servers, each with the real agent."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.local.cluster import LocalCluster
from deploy.local.demo.hardware import Hardware
from deploy.local.processes import Process, start, wait_until

DOMAIN = "room"
NODES = ("alpha", "bravo", "charlie", "delta")
NAMEPLATE_WATTS = 4800
"""A little more than a server with four H100 boards and two packages can draw."""


class Site:
    """Everything that runs; `start` and `stop` it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cluster = LocalCluster(folder / "cluster")
        self.socket = folder / "room.sock"
        self.processes: dict[str, Process] = {}
        self.commands: dict[str, list[str]] = {}

    def start(self) -> None:
        self.cluster.start()
        self.cluster.install_crds()
        self.cluster.install_manifests()
        fleet = self.folder / "fleet.toml"
        fleet.write_text("".join(f'[[nodes]]\nname = "{n}"\nrack = "r"\ngpus = 4\n' for n in NODES))
        room = ["--socket", str(self.socket), "--fleet", str(fleet)]
        self._begin("room", "deploy.local.machine_room", self.cluster.kubeconfig, room)
        self.until(self._nodes_are_up, "the nodes")
        kubeconfig = self.cluster.kubeconfig_for("climatik-actuator")
        self._begin(
            "actuator",
            "actuator",
            kubeconfig,
            ["--listen-address=", "--tick-seconds=0.3", "--base-share-percent=0"],
        )
        for node in NODES:
            kubeconfig = self.cluster.kubeconfig_for("climatik-nodeagent", node=node)
            state = ["--state-dir", str(self.folder / "state" / node), "--listen-address="]
            flags = ["--node-name", node, "--simulated-socket", str(self.socket), *state]
            self._begin(node, "nodeagent", kubeconfig, flags)

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            process.kill()
        self.cluster.stop()

    def stop_process(self, name: str) -> None:
        """Ends a process in good order."""
        self.processes.pop(name).stop()

    def start_process(self, name: str) -> None:
        """Starts a process again as it was."""
        log = self.folder / f"{name}.log"
        self.processes[name] = start(name, self.commands[name], log=log, environ=self.cluster.environment)

    def freeze(self, node: str) -> None:
        """Nothing of an agent runs any more; its devices keep the limits that they have."""
        self.processes[node].signal(signal.SIGSTOP)

    def thaw(self, node: str) -> None:
        """The agent goes on, knowing what it knew."""
        self.processes[node].signal(signal.SIGCONT)

    def join(self, *nodes: str) -> None:
        """Puts nodes under the domain."""
        labels = ["room=one", f"climatik.io/nameplate-watts={NAMEPLATE_WATTS}"]
        self.cluster.kubectl("label", "node", *nodes, *labels, "--overwrite")

    def make_domain(self, cap_watts: int, minimum_watts: int) -> None:
        caps = {"capWatts": cap_watts, "minimumCapWatts": minimum_watts}
        selector = {"nodeSelector": {"matchLabels": {"room": "one"}}}
        self._create("PowerDomain", {**caps, **selector, "updatePolicy": {"updateMode": "Auto"}})
        self._create("PowerPlan", {"domain": DOMAIN})

    def plan(self, watts: Mapping[str, int]) -> None:
        """Says, as a recommender would, how the cap should be divided."""
        entries = [{"kind": "Node", "name": name, "watts": value} for name, value in watts.items()]
        body = json.dumps({"status": {"entries": entries}})
        flags = ["--type=merge", "--subresource=status", "-p", body]
        self.cluster.kubectl("patch", "powerplan", DOMAIN, *flags)

    def objects(self) -> dict[str, dict[str, Any]]:
        """All NodeFrequencies, by name."""
        found = json.loads(self.cluster.kubectl("get", "nodefrequencies", "-o", "json"))
        return {item["metadata"]["name"]: item for item in found["items"]}

    def budget(self, node: str) -> dict[str, Any]:
        """What the node was promised."""
        budget: dict[str, Any] = self.objects()[node]["spec"]["powerBudget"]
        return budget

    def reason(self, node: str) -> str:
        """Why the node draws what it may draw now, in its agent's words."""
        conditions = self.objects()[node].get("status", {}).get("conditions", [])
        return next((c["reason"] for c in conditions if c["type"] == "BudgetObeyed"), "")

    def are_granted(self, watts: Mapping[str, int]) -> bool:
        """Whether these nodes hold just these grants, and have confirmed them."""
        objects = self.objects()
        return all(name in objects and _confirmed(objects[name]) == value for name, value in watts.items())

    def until(self, ready: Callable[[], bool], what: str, seconds: float = 40.0) -> None:
        """Waits; an error names every budget as it is then."""
        try:
            wait_until(ready, what, timeout_seconds=seconds, check=self._check)
        except TimeoutError as error:
            budgets = {
                n: (o["spec"], o.get("status", {}).get("powerBudget")) for n, o in self.objects().items()
            }
            raise AssertionError(f"{error}: {budgets}") from None

    def _check(self) -> None:
        for process in self.processes.values():
            process.check()

    def _begin(self, name: str, module: str, kubeconfig: Path, flags: Sequence[str]) -> None:
        self.commands[name] = [sys.executable, "-m", module, "--kubeconfig", str(kubeconfig), *flags]
        self.start_process(name)

    def _create(self, kind: str, spec: Mapping[str, object]) -> None:
        body = {
            "apiVersion": "climatik.io/v1alpha1",
            "kind": kind,
            "metadata": {"name": DOMAIN},
            "spec": spec,
        }
        self.cluster.kubectl("create", "-f", "-", input=json.dumps(body))

    def _nodes_are_up(self) -> bool:
        found = json.loads(self.cluster.kubectl("get", "nodes", "-o", "json"))["items"]
        return sum(bool(node["status"].get("nodeInfo", {}).get("bootID")) for node in found) == len(NODES)


class Gauge:
    """Adds up, over and over, the most that the servers may draw by the limits that their devices bear."""

    def __init__(self, socket: Path) -> None:
        self.samples: list[float] = []
        self._hardware = Hardware(socket, NODES)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Gauge:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._hardware.close()

    @property
    def highest_watts(self) -> float:
        """The highest of all samples so far."""
        return max(self.samples)

    def _run(self) -> None:
        while not self._ended.is_set():
            self.samples.append(self._hardware.exposure_watts())
            time.sleep(0.05)


def _confirmed(item: Mapping[str, Any]) -> int:
    budget, status = item["spec"].get("powerBudget", {}), item.get("status", {}).get("powerBudget", {})
    return budget["grantWatts"] if budget and budget["sequence"] == status.get("sequence") else -1
