"""A real control plane with pods under policies, our webhook, and somebody who speaks for the recommender."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.ladder import audit
from benchmarks.webhook import start_webhook
from common.api.meta import rfc3339
from deploy.local.cluster import LocalCluster
from deploy.local.components import ExtraFlags
from deploy.local.processes import Process, ProcessSet, wait_until

AGENT = "climatik-actuator"
NAMESPACE, WATTS, NODE = "ladder", 100, "ladder-node"
_LONG_AGO = "2026-01-01T00:00:00Z"
_MARKED_AFTER_SECONDS = 32
"""The actuator asks only of pods that are so much younger than their policy for the webhook's mark."""


class Arena:
    """Namespaces, policies and Deployments on a control plane of its own.

    Args:
        folder: For everything that is written.
        processes: Takes the processes.
        policies: How many policies of two pods each.
    """

    def __init__(self, folder: Path, processes: ProcessSet, policies: int) -> None:
        self.audit = folder / "audit"
        extra = ExtraFlags(api_server=audit.flags(self.audit))
        self.cluster = LocalCluster(folder / "cluster", extra_flags=extra)
        self.names = [f"small-{number}" for number in range(policies)]
        self.draws: dict[str, int] = {}
        self._processes = processes

    def set_up(self, bulk: dict[str, int]) -> None:
        """Starts everything, and makes the Deployments once the webhook must know of all policies.

        Args:
            bulk: Replicas of a Deployment ``bulk`` by namespace; a policy governs the one in ours.
        """
        cluster = self.cluster
        cluster.start()
        cluster.install_crds()
        cluster.install_manifests()
        for namespace in {NAMESPACE, *bulk}:
            cluster.create_namespace(namespace)
        self._apply(_node())
        for name in [*self.names, "bulk"]:
            self._apply(_policy(name))
            self.draws[name] = 0
        start_webhook(cluster, self._processes, [one for one in bulk if one != NAMESPACE])
        time.sleep(_MARKED_AFTER_SECONDS)
        for name in self.names:
            self._apply(_deployment(NAMESPACE, name, 2))
        for namespace, replicas in bulk.items():
            self._apply(_deployment(namespace, "bulk", replicas))
        wanted = 2 * len(self.names) + sum(bulk.values())
        wait_until(lambda: self._running() >= wanted, "running pods", timeout_seconds=120)

    def start_actuator(self, *flags: str) -> Process:
        """Starts the actuator with the rights of its account."""
        account = self.cluster.kubeconfig_for("climatik-actuator")
        command = [
            sys.executable, "-m", "actuator", f"--kubeconfig={account}",
            "--listen-address=", "--pod-settling-seconds=0", "--cluster-disruptions=10000", *flags,
        ]  # fmt: skip
        return self._processes.start("actuator", command)

    def speak(self, name: str, draw: int) -> datetime:
        """Tells a policy's draw, as the recommender does; returns when that was written."""
        self.draws[name] = draw
        body = json.dumps({"status": _status(name, draw)})
        self.cluster.kubectl(
            "patch", "pcp", name, "-n", NAMESPACE, "--subresource=status", "--type=merge", "-p", body
        )
        return datetime.now(UTC)

    def stop(self) -> None:
        """Ends the control plane."""
        self.cluster.stop()

    def _running(self) -> int:
        found = self.cluster.kubectl(
            "get", "pods", "-A", "--field-selector=status.phase=Running", "-o", "name"
        )
        return len(found.splitlines())

    def _apply(self, body: dict[str, Any]) -> None:
        self.cluster.kubectl("create", "-f", "-", input=json.dumps(body))


def _status(name: str, draw: int) -> dict[str, Any]:
    row = {
        "workload": f"Deployment/{name}", "container": "server", "pods": 2, "current": WATTS, "target": WATTS,
        "lowerBound": WATTS, "upperBound": WATTS, "uncappedTarget": WATTS,
    }  # fmt: skip
    return {
        "lastUpdated": rfc3339(datetime.now(UTC) + timedelta(seconds=1)),
        "observedGeneration": 99,
        "effectiveCapWatts": WATTS,
        "currentPower": {"watts": draw, "pods": 2, "measuredPods": 2, "source": "test"},
        "recommendation": {"containers": [row]},
        "conditions": [_condition("TelemetryStale", "False"), _condition("Acting", "True")],
    }


def _condition(kind: str, status: str) -> dict[str, str]:
    return {
        "type": kind,
        "status": status,
        "reason": "Benchmark",
        "message": "",
        "lastTransitionTime": _LONG_AGO,
    }


def _node() -> dict[str, Any]:
    amounts = {"cpu": "1000", "memory": "1000Gi", "pods": "1000", "climatik.io/watts": "10000000"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": NODE, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "status": {"capacity": amounts, "allocatable": amounts},
    }


def _policy(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "climatik.io/v1alpha1",
        "kind": "PowerCappingPolicy",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "powerCapLimit": WATTS,
            "selector": {"matchLabels": {"app": name}},
            "updatePolicy": {"updateMode": "Auto", "levers": ["Evict"]},
        },
    }


def _deployment(namespace: str, name: str, replicas: int) -> dict[str, Any]:
    labels = {"app": name}
    container = {
        "name": "server",
        "image": "x",
        "resources": {"requests": {"cpu": "500m", "memory": "256Mi"}},
    }
    spec = {"tolerations": [{"operator": "Exists"}], "containers": [container]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }
