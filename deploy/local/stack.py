"""The whole product on a local control plane: what ``make demo``, the e2e tests and the benchmarks run.

Every binary is a process of its own with the token of its own service account. Binaries can be killed and
started again one by one; the simulated hardware lives in the machine room and outlives them all, as real
hardware does.
"""

from __future__ import annotations

import os
import sys
import tomllib
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common.api.names import ANNOTATION_METRICS_ADDRESS
from deploy.local.cluster import LocalCluster
from deploy.local.health import answers
from deploy.local.ports import free_ports
from deploy.local.processes import Process, start, wait_until
from deploy.local.prometheus import Prometheus
from deploy.local.startable import Startable

_REPOSITORY = Path(__file__).resolve().parents[2]
_READY_SECONDS = 40.0

FLEET = _REPOSITORY / "deploy" / "local" / "machine_room" / "fleet.toml"
"""Four nodes in two racks, one of them with limits that somebody had set before."""

RECOMMENDER = "recommender"
ACTUATOR = "actuator"
ADMISSION = "admission"
CONTROL_PLANE = (RECOMMENDER, ACTUATOR, ADMISSION)


@dataclass(frozen=True)
class StackSettings:
    """What a stack is made of.

    ``fleet`` is the TOML file that names the simulated nodes. ``control_seconds`` is the interval of the
    recommender's loop. Without ``prometheus`` the recommender reads agents and exporter itself.
    """

    fleet: Path = FLEET
    control_seconds: float = 1.0
    prometheus: bool = True


class Stack(Startable):
    """Cluster, Prometheus, machine room and the four binaries, started together and stopped together."""

    def __init__(self, folder: Path, settings: StackSettings = StackSettings()) -> None:
        self.folder = folder
        self.settings = settings
        self.cluster = LocalCluster(folder / "cluster")
        self.machine_room_socket = folder / "machine-room.sock"
        self.pod_resources = folder / "kubelets"
        self.records = folder / "records"
        self.nodes = [node["name"] for node in tomllib.loads(settings.fleet.read_text())["nodes"]]
        self._binaries: dict[str, Process] = {}
        self._commands: dict[str, list[str]] = {}
        self._ports: dict[str, int] = {}
        self._machine_room: Process | None = None
        self.prometheus: Prometheus | None = None

    def start(self) -> None:
        """Starts everything; returns when the four binaries are ready."""
        self.cluster.start()
        self.cluster.install_crds()
        self.cluster.install_manifests()
        self._choose_ports()
        self._start_machine_room()
        if self.settings.prometheus:
            self._start_prometheus()
        self._write_commands()
        for name in self._commands:
            self.start_binary(name)
        for name in self._commands:
            self.wait_ready(name)

    def stop(self) -> None:
        """Stops everything, binaries first."""
        self.stop_binaries()
        if self.prometheus is not None:
            self.prometheus.stop()
        if self._machine_room is not None:
            self._machine_room.stop()
        self.cluster.stop()

    def stop_binaries(self) -> None:
        """Stops all processes of ours; the simulated hardware stays, as real hardware would."""
        for name in list(self._binaries):
            self.stop_binary(name)

    @property
    def binaries(self) -> list[str]:
        """Names of the processes of ours: the three of the control plane, and ``nodeagent-<node>``."""
        return list(self._commands)

    def start_binary(self, name: str) -> None:
        """Starts a binary, or starts it again after it ended."""
        log = self.folder / "logs" / f"{name}.log"
        self._binaries[name] = start(name, self._commands[name], log=log, environ=_environment())

    def stop_binary(self, name: str) -> None:
        """Stops a binary as Kubernetes would: SIGTERM, then SIGKILL after the grace."""
        process = self._binaries.pop(name, None)
        if process is not None:
            process.stop()

    def kill_binary(self, name: str) -> None:
        """Ends a binary with SIGKILL: no handler of it runs."""
        self._binaries.pop(name).kill()

    def wait_ready(self, name: str) -> None:
        """Waits until a binary's /readyz says yes; raises with the end of its log when it died."""
        url = f"http://127.0.0.1:{self._ports[name]}/readyz"
        process = self._binaries[name]
        wait_until(lambda: answers(url), name, timeout_seconds=_READY_SECONDS, check=process.check)

    def check(self) -> None:
        """Raises ProcessDiedError if anything that should be running has ended."""
        self.cluster.check()
        if self.prometheus is not None:
            self.prometheus.check()
        for process in [*self._binaries.values(), *filter(None, [self._machine_room])]:
            process.check()

    def metrics(self, name: str) -> str:
        """Returns a binary's /metrics page."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._ports[name]}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    def _choose_ports(self) -> None:
        names = [*CONTROL_PLANE, *map(agent_name, self.nodes), "webhook", "machine-room"]
        self._ports = dict(zip(names, free_ports(len(names)), strict=True))

    def _start_machine_room(self) -> None:
        port = self._ports["machine-room"]
        command = python("deploy.local.machine_room", "--fleet", self.settings.fleet)
        command += ["--socket", str(self.machine_room_socket), "--output", str(self.records)]
        command += ["--pod-resources", str(self.pod_resources)]
        command += ["--kubeconfig", str(self.cluster.kubeconfig), "--listen-address", f"127.0.0.1:{port}"]
        log = self.folder / "logs" / "machine-room.log"
        self._machine_room = start("machine-room", command, log=log, environ=_environment())
        url = f"http://127.0.0.1:{port}/readyz"
        check = self._machine_room.check
        wait_until(lambda: answers(url), "machine room", timeout_seconds=_READY_SECONDS, check=check)

    def _start_prometheus(self) -> None:
        agents = [f"127.0.0.1:{self._ports[agent_name(node)]}" for node in self.nodes]
        room = [f"127.0.0.1:{self._ports['machine-room']}"]
        control = [f"127.0.0.1:{self._ports[name]}" for name in CONTROL_PLANE]
        jobs = [
            _job("climatik-nodeagent", agents, "/metrics"),
            _job("climatik-control-plane", control, "/metrics"),
            _job("dcgm-exporter", room, "/metrics/dcgm"),
            _job("vllm", room, "/metrics/vllm"),
        ]
        self.prometheus = Prometheus(self.folder / "prometheus", scrape_configs=jobs)
        self.prometheus.start()

    def _write_commands(self) -> None:
        seconds = str(self.settings.control_seconds)
        self._commands = {
            RECOMMENDER: [
                *self._command(RECOMMENDER),
                *self._power_flags(),
                "--interval-seconds",
                seconds,
            ],
            ACTUATOR: self._command(ACTUATOR),
            ADMISSION: self._command(ADMISSION) + self._webhook_flags(),
        }
        for node in self.nodes:
            self._commands[agent_name(node)] = self._agent_command(node)

    def _command(self, name: str) -> list[str]:
        kubeconfig = self.cluster.kubeconfig_for(f"climatik-{name}")
        address = f"127.0.0.1:{self._ports[name]}"
        return python(name, "--kubeconfig", kubeconfig, "--listen-address", address)

    def _power_flags(self) -> list[str]:
        """Where the recommender reads power; agents that it reads itself are named on their nodes."""
        if self.prometheus is not None:
            return ["--prometheus-url", self.prometheus.url]
        for node in self.nodes:
            address = f"127.0.0.1:{self._ports[agent_name(node)]}"
            self.cluster.kubectl("annotate", "node", node, f"{ANNOTATION_METRICS_ADDRESS}={address}")
        return ["--dcgm-exporter-urls", f"http://127.0.0.1:{self._ports['machine-room']}/metrics/dcgm"]

    def _webhook_flags(self) -> list[str]:
        address = f"127.0.0.1:{self._ports['webhook']}"
        return ["--webhook-listen-address", address, "--webhook-url", f"https://{address}"]

    def _agent_command(self, node: str) -> list[str]:
        kubeconfig = self.cluster.kubeconfig_for("climatik-nodeagent", node=node)
        address = f"127.0.0.1:{self._ports[agent_name(node)]}"
        command = python("nodeagent", "--node-name", node, "--kubeconfig", kubeconfig)
        command += ["--listen-address", address, "--state-dir", str(self.folder / "state" / node)]
        command += ["--pod-resources-socket", str(self.pod_resources / f"{node}.sock")]
        command += ["--rest-learning-seconds", "10"]
        return [*command, "--devices", "simulated", "--simulated-socket", str(self.machine_room_socket)]


def agent_name(node: str) -> str:
    """The name under which a stack knows the agent of a node."""
    return f"nodeagent-{node}"


def python(module: str, *arguments: object) -> list[str]:
    """A command line that runs a module of this repository with this interpreter."""
    return [sys.executable, "-m", module, *map(str, arguments)]


def _environment() -> dict[str, str]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return kept | {"PYTHONPATH": str(_REPOSITORY), "PYTHONUNBUFFERED": "1"}


def _job(name: str, targets: Sequence[str], path: str) -> dict[str, object]:
    static = [{"targets": list(targets)}]
    return {"job_name": name, "metrics_path": path, "honor_labels": True, "static_configs": static}
