"""Which programs the local cluster needs, in which version."""

import os
from dataclasses import dataclass
from pathlib import Path

KUBERNETES_VERSION = "v1.36.3"
ETCD_VERSION = "v3.7.3"
KWOK_VERSION = "v0.8.0"
PROMETHEUS_VERSION = "v0.305.0"  # of the Go module; the program calls itself 3.5.0


@dataclass(frozen=True)
class Binary:
    """One program at one version."""

    name: str
    version: str

    @property
    def file_name(self) -> str:
        """Its name in the cache folder."""
        return f"{self.name}-{self.version}"


ETCD = Binary("etcd", ETCD_VERSION)
KUBE_APISERVER = Binary("kube-apiserver", KUBERNETES_VERSION)
KUBE_CONTROLLER_MANAGER = Binary("kube-controller-manager", KUBERNETES_VERSION)
KUBE_SCHEDULER = Binary("kube-scheduler", KUBERNETES_VERSION)
KUBECTL = Binary("kubectl", KUBERNETES_VERSION)
KWOK = Binary("kwok", KWOK_VERSION)
PROMETHEUS = Binary("prometheus", PROMETHEUS_VERSION)

CONTROL_PLANE = (ETCD, KUBE_APISERVER, KUBE_CONTROLLER_MANAGER, KUBE_SCHEDULER, KUBECTL, KWOK)


def cache_folder() -> Path:
    """The user's cache of finished programs: `$XDG_CACHE_HOME/climatik/bin`."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "climatik" / "bin"
