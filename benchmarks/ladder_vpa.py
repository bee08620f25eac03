"""VPA's updater beside our actuator: one Deployment whose pods are all outside of what it recommends."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.admission_vpa import apply_crds
from deploy.local.binaries.catalogue import VPA_UPDATER
from deploy.local.binaries.provide import provide_one
from deploy.local.cluster import LocalCluster
from deploy.local.ports import free_ports
from deploy.local.processes import Process, ProcessSet

AGENT = "vpa-updater"


def start_updater(
    cluster: LocalCluster, processes: ProcessSet, namespace: str, interval_seconds: float, burst: int
) -> Process:
    """Starts the updater over a Deployment ``bulk``; it elects a leader, as ours does.

    Args:
        cluster: Where it evicts.
        processes: Takes the process.
        namespace: Holds the Deployment.
        interval_seconds: How often it looks.
        burst: Evictions at once; it may evict one a second after those.
    """
    program = provide_one(VPA_UPDATER)
    apply_crds(cluster)
    _autoscaler(cluster, namespace)
    (port,) = free_ports(1)
    flags = [
        f"--kubeconfig={cluster.kubeconfig}", f"--address=127.0.0.1:{port}", "--leader-elect=true",
        f"--updater-interval={interval_seconds:g}s", "--use-admission-controller-status=false",
        "--eviction-rate-limit=1", f"--eviction-rate-burst={burst}",
    ]  # fmt: skip
    return processes.start("vpa-updater", [str(program), *flags])


def _autoscaler(cluster: LocalCluster, namespace: str) -> None:
    body: dict[str, Any] = {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {"name": "bulk", "namespace": namespace},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "bulk"},
            "updatePolicy": {"updateMode": "Recreate"},
        },
    }
    target = {"cpu": "100m", "memory": "64Mi"}
    advice = {"containerName": "server", "target": target, "lowerBound": target, "upperBound": target}
    provided = {
        "type": "RecommendationProvided",
        "status": "True",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
    status = {"recommendation": {"containerRecommendations": [advice]}, "conditions": [provided]}
    cluster.kubectl("apply", "-f", "-", input=json.dumps(body))
    patch = ["-p", json.dumps({"status": status})]
    cluster.kubectl("patch", "vpa", "bulk", "-n", namespace, "--type=merge", "--subresource=status", *patch)
