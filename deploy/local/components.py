"""The programs that make up the control plane, with the flags that each is started with."""

from dataclasses import dataclass
from pathlib import Path

from deploy.local.certificates import KeyPair


@dataclass(frozen=True)
class Ports:
    """One free TCP port for each thing that listens."""

    etcd: int
    etcd_peer: int
    api_server: int
    controller_manager: int
    scheduler: int
    kwok: int


@dataclass(frozen=True)
class Layout:
    """Where one cluster keeps its files."""

    workdir: Path

    @property
    def etcd_data(self) -> Path:
        """Folder of etcd's database."""
        return self.workdir / "etcd"

    @property
    def pki(self) -> Path:
        """Folder of certificates and keys."""
        return self.workdir / "pki"

    @property
    def logs(self) -> Path:
        """Folder with one log file for each program."""
        return self.workdir / "logs"

    def kubeconfig(self, identity: str) -> Path:
        """The kubeconfig file of one identity."""
        return self.workdir / "kubeconfigs" / f"{identity}.yaml"


@dataclass(frozen=True)
class ExtraFlags:
    """Flags added to those below, for tests that need another behaviour of a component."""

    api_server: tuple[str, ...] = ()
    controller_manager: tuple[str, ...] = ()
    scheduler: tuple[str, ...] = ()
    kwok: tuple[str, ...] = ()


NO_EXTRA_FLAGS = ExtraFlags()


def etcd_flags(layout: Layout, ports: Ports) -> list[str]:
    """One member on the loopback interface; it need not survive a power cut, so never waits for the disk."""
    client, peer = f"http://127.0.0.1:{ports.etcd}", f"http://127.0.0.1:{ports.etcd_peer}"
    return [
        "--name=local",
        f"--data-dir={layout.etcd_data}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=local={peer}",
        "--auto-compaction-retention=1",
        "--quota-backend-bytes=8589934592",
        "--unsafe-no-fsync",
    ]


def api_server_flags(ca: Path, serving: KeyPair, signing_key: Path, ports: Ports) -> list[str]:
    """RBAC, the default admission plugins, service-account tokens with audiences; loopback only."""
    return [
        f"--etcd-servers=http://127.0.0.1:{ports.etcd}",
        "--bind-address=127.0.0.1",
        f"--secure-port={ports.api_server}",
        "--endpoint-reconciler-type=none",  # an Endpoints object may not hold a loopback address
        "--service-cluster-ip-range=10.96.0.0/16",
        "--authorization-mode=Node,RBAC",
        "--allow-privileged=true",
        f"--client-ca-file={ca}",
        f"--tls-cert-file={serving.certificate}",
        f"--tls-private-key-file={serving.key}",
        f"--service-account-key-file={signing_key}",
        f"--service-account-signing-key-file={signing_key}",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    ]


def controller_manager_flags(layout: Layout, ca: Path, signing_key: Path, ports: Ports) -> list[str]:
    """One instance, each controller under its own service account as on a real cluster."""
    return [
        f"--kubeconfig={layout.kubeconfig('kube-controller-manager')}",
        f"--authentication-kubeconfig={layout.kubeconfig('kube-controller-manager')}",
        f"--authorization-kubeconfig={layout.kubeconfig('kube-controller-manager')}",
        "--bind-address=127.0.0.1",
        f"--secure-port={ports.controller_manager}",
        "--leader-elect=false",
        "--use-service-account-credentials=true",
        f"--root-ca-file={ca}",
        f"--service-account-private-key-file={signing_key}",
        # Simulated nodes send few heartbeats: a busy machine must not make them unreachable.
        "--node-monitor-period=25s",
        "--node-monitor-grace-period=200s",
        # Tests wait for autoscalers several times over; the default is 15 s.
        "--horizontal-pod-autoscaler-sync-period=2s",
    ]


def scheduler_flags(layout: Layout, ports: Ports) -> list[str]:
    """One instance with the default plugins."""
    return [
        f"--kubeconfig={layout.kubeconfig('kube-scheduler')}",
        f"--authentication-kubeconfig={layout.kubeconfig('kube-scheduler')}",
        f"--authorization-kubeconfig={layout.kubeconfig('kube-scheduler')}",
        "--bind-address=127.0.0.1",
        f"--secure-port={ports.scheduler}",
        "--leader-elect=false",
    ]


def kwok_flags(layout: Layout, configuration: Path, ports: Ports) -> list[str]:
    """Plays the kubelet of the nodes that say they are simulated, and of no other."""
    return [
        f"--kubeconfig={layout.kubeconfig('kwok')}",
        f"--config={configuration}",
        "--manage-all-nodes=false",
        "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
        f"--server-address=127.0.0.1:{ports.kwok}",
        f"--node-port={ports.kwok}",
        "--node-ip=127.0.0.1",
        "--node-lease-duration-seconds=200",
    ]
