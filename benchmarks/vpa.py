"""VPA's binaries, each with a VerticalPodAutoscaler over one Deployment and what it recommends."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local.binaries.catalogue import VPA_ADMISSION_CONTROLLER, VPA_CRDS, VPA_UPDATER
from deploy.local.binaries.module_files import provide_files
from deploy.local.binaries.provide import provide_one
from deploy.local.certificates import Authority
from deploy.local.cluster import LocalCluster
from deploy.local.ports import free_ports
from deploy.local.processes import Process, ProcessSet

UPDATER_AGENT = "vpa-updater"
"""How the updater's user agent begins."""

_CRDS = "vpa-v1-crd-gen.yaml"


@dataclass(frozen=True)
class Autoscaler:
    """A VerticalPodAutoscaler with a recommendation for the container ``server`` of one Deployment.

    Attributes:
        namespace: Of the Deployment.
        deployment: Its name, which the autoscaler gets, too.
        mode: VPA's update mode.
        target: What is recommended, with no room below or above it.
        conditions: Of the autoscaler's status.
    """

    namespace: str
    deployment: str
    mode: str
    target: dict[str, str]
    conditions: list[dict[str, str]] = field(default_factory=list)


def start_admission_controller(
    cluster: LocalCluster, processes: ProcessSet, folder: Path, autoscaler: Autoscaler, ignored: list[str]
) -> Process:
    """Starts VPA's admission controller; it registers itself some ten seconds later.

    Args:
        cluster: Where it registers.
        processes: Takes the process.
        folder: For its certificates.
        autoscaler: Made before it starts.
        ignored: Namespaces that it leaves alone.
    """
    program = provide_one(VPA_ADMISSION_CONTROLLER)
    _make(cluster, autoscaler)
    authority = Authority(folder / "vpa-pki", "vpa")
    serving = authority.issue_server("vpa", ["localhost"], ["127.0.0.1"])
    port, metrics_port = free_ports(2)
    flags = [
        f"--kubeconfig={cluster.kubeconfig}",
        f"--port={port}", f"--webhook-port={port}", f"--address=127.0.0.1:{metrics_port}",
        "--register-by-url=true", "--webhook-address=https://127.0.0.1",
        f"--client-ca-file={authority.certificate}",
        f"--tls-cert-file={serving.certificate}", f"--tls-private-key={serving.key}",
        f"--ignored-vpa-object-namespaces={','.join(ignored)}",
        "--webhook-timeout-seconds=2", "--status-lease-namespace=default",
    ]  # fmt: skip
    return processes.start("vpa-admission-controller", [str(program), *flags])


def start_updater(
    cluster: LocalCluster,
    processes: ProcessSet,
    autoscaler: Autoscaler,
    interval_seconds: float,
    burst: int,
) -> Process:
    """Starts VPA's updater; it elects a leader, as our actuator does.

    Args:
        cluster: Where it evicts.
        processes: Takes the process.
        autoscaler: Made before it starts.
        interval_seconds: How often it looks.
        burst: Evictions at once; it may evict one a second after those.
    """
    program = provide_one(VPA_UPDATER)
    _make(cluster, autoscaler)
    (port,) = free_ports(1)
    flags = [
        f"--kubeconfig={cluster.kubeconfig}", f"--address=127.0.0.1:{port}", "--leader-elect=true",
        f"--updater-interval={interval_seconds:g}s", "--use-admission-controller-status=false",
        "--eviction-rate-limit=1", f"--eviction-rate-burst={burst}",
    ]  # fmt: skip
    return processes.start("vpa-updater", [str(program), *flags])


def _make(cluster: LocalCluster, autoscaler: Autoscaler) -> None:
    """Applies VPA's own CustomResourceDefinitions, then the autoscaler and its recommendation."""
    cluster.kubectl("apply", "--server-side", "-f", str(provide_files(VPA_CRDS) / _CRDS))
    cluster.kubectl("wait", "--for=condition=Established", "crd/verticalpodautoscalers.autoscaling.k8s.io")
    name, target = autoscaler.deployment, autoscaler.target
    body: dict[str, Any] = {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {"name": name, "namespace": autoscaler.namespace},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "updatePolicy": {"updateMode": autoscaler.mode},
        },
    }
    cluster.kubectl("apply", "-f", "-", input=json.dumps(body))
    advice = {"containerName": "server", "target": target, "lowerBound": target, "upperBound": target}
    status = {
        "recommendation": {"containerRecommendations": [advice]},
        "conditions": autoscaler.conditions,
    }
    where = ["vpa", name, "-n", autoscaler.namespace, "--type=merge", "--subresource=status"]
    cluster.kubectl("patch", *where, "-p", json.dumps({"status": status}))
