"""KEDA's operator as a child process beside the local control plane, without its metrics server."""

from pathlib import Path

from deploy.local.binaries.catalogue import KEDA_CRDS, KEDA_OPERATOR
from deploy.local.binaries.module_files import provide_files
from deploy.local.binaries.provide import provide_one
from deploy.local.certificates import Authority
from deploy.local.cluster import LocalCluster
from deploy.local.companion import Companion
from deploy.local.ports import free_ports

_NAMESPACE = "keda"
_START_SECONDS = 60.0
_NAMES = ["keda-operator", f"keda-operator.{_NAMESPACE}.svc", "localhost"]


class Keda(Companion):
    """Scales the ScaledObjects of a local cluster.

    Triggers that need no metrics server work as they do everywhere (cron, and the bounds of the HPA): the HPA
    clamps to its bounds before it asks for metrics.

    Args:
        cluster: where to install the CRDs, and what to watch.
    """

    def __init__(self, cluster: LocalCluster) -> None:
        self._cluster = cluster
        self._folder = cluster.workdir / "keda"
        super().__init__(self._folder)

    def start(self) -> None:
        """Install the CRDs, start the operator and return when it is ready.

        Raises:
            MissingBinaryError: it cannot be had on this machine.
            ProcessDiedError: it ended; the text holds the end of its log.
            TimeoutError: not ready within a minute.
        """
        program, crds = provide_one(KEDA_OPERATOR), provide_files(KEDA_CRDS)
        self._install(crds)
        certificates = self._certificates()
        metrics, health, service, profiling = (f"127.0.0.1:{port}" for port in free_ports(4))
        flags = [
            f"--kubeconfig={self._cluster.kubeconfig}",
            "--leader-elect=false",
            "--enable-cert-rotation=false",
            f"--cert-dir={certificates}",
            "--enable-webhook-patching=false",
            "--enable-apiservice-patching=false",
            f"--metrics-bind-address={metrics}",
            f"--health-probe-bind-address={health}",
            f"--metrics-service-bind-address={service}",
            f"--profiling-bind-address={profiling}",
            "--zap-log-level=info",
        ]
        environ = {
            **self._cluster.environment,
            "WATCH_NAMESPACE": "",
            "KEDA_CLUSTER_OBJECT_NAMESPACE": _NAMESPACE,
            "POD_NAMESPACE": _NAMESPACE,
            "POD_NAME": "keda-operator",
        }
        self._start_process(
            "keda-operator",
            [str(program), *flags],
            ready_url=f"http://{health}/readyz",
            timeout_seconds=_START_SECONDS,
            environ=environ,
        )

    def _install(self, crds: Path) -> None:
        kubectl = self._cluster.kubectl
        kubectl("apply", "--server-side", "--force-conflicts", "-f", str(crds))
        kubectl("wait", "--for=condition=Established", "-f", str(crds), "--timeout=30s")
        manifest = f'{{"apiVersion": "v1", "kind": "Namespace", "metadata": {{"name": "{_NAMESPACE}"}}}}'
        kubectl("apply", "--server-side", "-f", "-", input=manifest)

    def _certificates(self) -> Path:
        """The folder with the names that the operator looks for."""
        folder = self._folder / "certificates"
        pair = Authority(folder, "keda-local").issue_server("tls", _NAMES, ["127.0.0.1"])
        assert (pair.certificate.name, pair.key.name) == ("tls.crt", "tls.key")
        return folder
