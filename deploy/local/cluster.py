"""A control plane of its own: etcd, API server, controller manager, scheduler and KWOK as child processes."""

import os
import shutil
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from deploy.local import components, install, kubeconfig
from deploy.local.binaries.catalogue import CONTROL_PLANE
from deploy.local.binaries.provide import provide
from deploy.local.certificates import Authority, KeyPair, new_signing_key
from deploy.local.components import NO_EXTRA_FLAGS, ExtraFlags
from deploy.local.health import answers
from deploy.local.kubectl import Kubectl
from deploy.local.ports import free_ports
from deploy.local.processes import ProcessSet, wait_until
from deploy.local.scratch import ScratchFolder

_KWOK_CONFIGURATION = Path(__file__).with_name("kwok.yaml")
_START_SECONDS = 90.0
_ATTEMPTS = 3

_COMPONENT_USERS = {
    "kube-controller-manager": ("system:kube-controller-manager", ""),
    "kube-scheduler": ("system:kube-scheduler", ""),
    "kwok": ("climatik-local-kwok", "system:masters"),
    "admin": ("climatik-local-admin", "system:masters"),
}


class LocalCluster:
    """One real control plane with its own folder, ports and certificates; any number can run side by side.

    Use as a context manager, or call `start` and `stop`. Every process dies with the one that called `start`.

    Args:
        workdir: folder for everything the cluster writes; a temporary one, removed at the stop, when None.
        extra_flags: added to the flags of the components.

    Attributes:
        kubeconfig: of the administrator.
        server: URL of the API server.
        etcd_data: folder of etcd's database.
        etcd_ports: where etcd listens for clients (plain HTTP, this machine alone), and for its peers.
    """

    def __init__(self, workdir: Path | None = None, *, extra_flags: ExtraFlags = NO_EXTRA_FLAGS) -> None:
        self._scratch: ScratchFolder | None = None
        if workdir is None:
            self._scratch = ScratchFolder("climatik-cluster-")
            workdir = self._scratch.path
        self.workdir = workdir.resolve()
        self._extra_flags = extra_flags
        self._layout = components.Layout(self.workdir)
        self.kubeconfig = self._layout.kubeconfig("admin")
        self.server = ""
        self.etcd_data = self._layout.etcd_data
        self.etcd_ports: tuple[int, int] = (0, 0)
        self._commands: dict[str, list[str]] = {}
        self._processes = ProcessSet(self._layout.logs)
        self._kubectl: Kubectl | None = None
        self._tls = ssl.create_default_context()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything and return when the API server is ready and pods can be made (about 5 s).

        Raises:
            MissingBinaryError: a program cannot be had on this machine.
            ProcessDiedError: a component ended; the text holds the end of its log.
            TimeoutError: not ready within a minute and a half.
        """
        binaries = provide(CONTROL_PLANE)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._start_once(binaries)
            except BaseException as error:
                self.stop(keep_files=True)
                if attempt < _ATTEMPTS and "address already in use" in str(error):
                    continue  # another process took the port between our look and the server's bind
                raise
            return

    def stop(self, *, keep_files: bool = False) -> None:
        """End all processes; a temporary folder is removed."""
        self._processes.stop()
        if self._scratch is not None and not keep_files:
            self._scratch.remove()

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Stop all components during the block; after it they start as they were, on the same ports."""
        self._processes.stop()
        yield
        for name in self._commands:
            self._launch(name)
            if name == "kube-apiserver":
                self._wait_for_api_server()

    def check(self) -> None:
        """Raise ProcessDiedError if a component has ended."""
        self._processes.check()

    def kubectl(self, *arguments: str, input: str | None = None) -> str:  # noqa: A002
        """Run kubectl as the administrator; returns what it printed, raises KubectlError with its stderr."""
        return self._require_kubectl().run(*arguments, input=input)

    def kubectl_as(self, kubeconfig: Path) -> Kubectl:
        """Kubectl under another identity (see `kubeconfig_for`)."""
        return self._require_kubectl().with_kubeconfig(kubeconfig)

    @property
    def environment(self) -> dict[str, str]:
        """Environment for children: KUBECONFIG points at this cluster, kubectl caches in its folder."""
        return self._require_kubectl().environment

    def install_crds(self) -> None:
        """Apply our CustomResourceDefinitions and wait until the API server serves them."""
        install.apply_crds(self._require_kubectl())

    def install_manifests(self) -> None:
        """Apply namespace, service accounts, access rules and admission policies."""
        install.apply_manifests(self._require_kubectl())

    def create_namespace(self, name: str) -> None:
        """Create a namespace and return when pods can be made in it."""
        self.kubectl("create", "namespace", name)
        self._wait_for_default_account(name)

    def create_token(
        self, service_account: str, namespace: str, *, node: str = "", duration_seconds: int = 86_400
    ) -> str:
        """A token of a service account by TokenRequest; with `node`, bound to that Node object."""
        arguments = ["create", "token", service_account, "-n", namespace, f"--duration={duration_seconds}s"]
        if node:
            arguments += ["--bound-object-kind=Node", f"--bound-object-name={node}"]
        return self.kubectl(*arguments).strip()

    def kubeconfig_for(
        self, service_account: str, *, namespace: str = "climatik-project", node: str = ""
    ) -> Path:
        """A kubeconfig with a token of the service account (bound to the node when one is given)."""
        token = self.create_token(service_account, namespace, node=node)
        identity = "-".join(filter(None, [namespace, service_account, node]))
        path = self._layout.kubeconfig(identity)
        return kubeconfig.write_with_token(path, self.server, self._ca, token, namespace)

    @property
    def _ca(self) -> Path:
        return self._layout.pki / "ca.crt"

    def _start_once(self, binaries: Mapping[str, Path]) -> None:
        for folder in (self._layout.etcd_data, self._layout.pki, self._layout.logs):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, mode=0o700)
        ports = components.Ports(*free_ports(6))
        self.server = f"https://127.0.0.1:{ports.api_server}"
        self.etcd_ports = (ports.etcd, ports.etcd_peer)
        authority = Authority(self._layout.pki, "climatik-local")
        self._tls = _tls_context(self._ca, self._write_kubeconfigs(authority))
        self._kubectl = Kubectl(binaries["kubectl"], self.kubeconfig, self.workdir / "kubectl-cache")
        self._start_control_plane(binaries, ports, authority)
        self._wait_for_api_server()
        self._start_controllers(binaries, ports)
        self._wait_for_default_account("default")

    def _write_kubeconfigs(self, authority: Authority) -> KeyPair:
        pairs = {
            identity: authority.issue_client(identity, user, group)
            for identity, (user, group) in _COMPONENT_USERS.items()
        }
        for identity, pair in pairs.items():
            path = self._layout.kubeconfig(identity)
            kubeconfig.write_with_certificate(path, self.server, authority.certificate, pair)
        return pairs["admin"]

    def _start_control_plane(
        self, binaries: Mapping[str, Path], ports: components.Ports, authority: Authority
    ) -> None:
        names = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"]
        serving = authority.issue_server("kube-apiserver", names, ["127.0.0.1", "10.96.0.1"])
        signing_key = new_signing_key(self._layout.pki / "service-account.key")
        self._start(binaries, "etcd", components.etcd_flags(self._layout, ports))
        flags = components.api_server_flags(self._ca, serving, signing_key, ports)
        self._start(binaries, "kube-apiserver", [*flags, *self._extra_flags.api_server])

    def _start_controllers(self, binaries: Mapping[str, Path], ports: components.Ports) -> None:
        layout, extra = self._layout, self._extra_flags
        signing_key = layout.pki / "service-account.key"
        flags = components.controller_manager_flags(layout, self._ca, signing_key, ports)
        self._start(binaries, "kube-controller-manager", [*flags, *extra.controller_manager])
        self._start(
            binaries, "kube-scheduler", [*components.scheduler_flags(layout, ports), *extra.scheduler]
        )
        self._start(
            binaries, "kwok", [*components.kwok_flags(layout, _KWOK_CONFIGURATION, ports), *extra.kwok]
        )

    def _start(self, binaries: Mapping[str, Path], name: str, flags: list[str]) -> None:
        self._commands[name] = [str(binaries[name]), *flags]
        self._launch(name)

    def _launch(self, name: str) -> None:
        environ = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.workdir)}
        self._processes.start(name, self._commands[name], environ)

    def _wait_for_api_server(self) -> None:
        wait_until(
            lambda: answers(f"{self.server}/readyz", self._tls),
            "API server",
            timeout_seconds=_START_SECONDS,
            check=self.check,
        )

    def _wait_for_default_account(self, namespace: str) -> None:
        # Pods are refused until the controller manager has made the namespace's default account.
        wait_until(
            lambda: "/default" in self.kubectl("get", "serviceaccounts", "-n", namespace, "-o", "name"),
            f"default service account of namespace {namespace}",
            timeout_seconds=_START_SECONDS,
            check=self.check,
        )

    def _require_kubectl(self) -> Kubectl:
        if self._kubectl is None:
            raise RuntimeError("the cluster is not running: call start() first")
        return self._kubectl


def _tls_context(ca: Path, client: KeyPair) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca))
    context.load_cert_chain(client.certificate, client.key)
    return context
