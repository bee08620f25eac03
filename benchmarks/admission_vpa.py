"""VPA's admission controller beside ours, with one VerticalPodAutoscaler that matches the pods."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from deploy.local.binaries.catalogue import VPA_ADMISSION_CONTROLLER
from deploy.local.binaries.provide import provide_one
from deploy.local.binaries.toolchain import go_environment, go_program
from deploy.local.certificates import Authority
from deploy.local.cluster import LocalCluster
from deploy.local.ports import free_ports
from deploy.local.processes import ProcessSet

_MODULES = Path(__file__).resolve().parents[1] / "deploy" / "local" / "modules"
_MODULE = "k8s.io/autoscaler/vertical-pod-autoscaler"
_CRDS = "deploy/vpa-v1-crd-gen.yaml"


def start_vpa(
    cluster: LocalCluster, processes: ProcessSet, folder: Path, namespace: str, ignored: list[str]
) -> None:
    """Starts VPA's admission controller; it registers itself some ten seconds later.

    Args:
        cluster: Where it registers.
        processes: Takes the process.
        folder: For its certificates.
        namespace: Holds a Deployment ``llm``, which gets a VerticalPodAutoscaler with a recommendation.
        ignored: Namespaces that it leaves alone.
    """
    program = provide_one(VPA_ADMISSION_CONTROLLER)
    apply_crds(cluster)
    _autoscaler(cluster, namespace)
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
    processes.start("vpa-admission-controller", [str(program), *flags])


def apply_crds(cluster: LocalCluster) -> None:
    """Applies VPA's own CustomResourceDefinitions and waits until they are served."""
    cluster.kubectl("apply", "--server-side", "-f", str(_module_folder() / _CRDS))
    cluster.kubectl("wait", "--for=condition=Established", "crd/verticalpodautoscalers.autoscaling.k8s.io")


def _autoscaler(cluster: LocalCluster, namespace: str) -> None:
    body: dict[str, Any] = {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {"name": "llm", "namespace": namespace},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "llm"},
            "updatePolicy": {"updateMode": "Initial"},
        },
    }
    target = {"cpu": "3", "memory": "12Gi"}
    advice = {"containerName": "server", "target": target, "lowerBound": target, "upperBound": target}
    status = {"status": {"recommendation": {"containerRecommendations": [advice]}}}
    cluster.kubectl("apply", "-f", "-", input=json.dumps(body))
    cluster.kubectl(
        "patch",
        "vpa",
        "llm",
        "-n",
        namespace,
        "--type=merge",
        "--subresource=status",
        "-p",
        json.dumps(status),
    )


def _module_folder() -> Path:
    """Where Go keeps the module's sources, which hold the CRDs; fetched if they are not there."""
    go = go_program()
    answer = subprocess.run(
        [go, "-C", str(_MODULES / "vpa"), "mod", "download", "-json", _MODULE],
        capture_output=True,
        text=True,
        env=go_environment(go),
        check=True,
    )
    return Path(json.loads(answer.stdout)["Dir"])
