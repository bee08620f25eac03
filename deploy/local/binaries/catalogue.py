"""Which programs the local cluster needs, in which version, and how each is made."""

import os
from dataclasses import dataclass
from pathlib import Path

_KUBERNETES_FLAGS = " ".join(
    f"-X {package}.{variable}={value}"
    for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    for variable, value in {
        "gitVersion": "v1.36.3",
        "gitMajor": "1",
        "gitMinor": "36",
        "gitTreeState": "clean",
    }.items()
)


@dataclass(frozen=True)
class GoSource:
    """How to build a program from the Go module proxy.

    `module` is a folder under deploy/local/modules whose go.mod and go.sum pin everything. `minutes` is what
    a first build takes on two cores.
    """

    module: str
    package: str
    minutes: float
    linker_flags: str = ""


@dataclass(frozen=True)
class Release:
    """An upstream release: URLs of the file and its SHA-256 sums, and the member of an archive."""

    url: str
    sums_url: str
    member: str = ""


@dataclass(frozen=True)
class Binary:
    """One program at one version.

    A program that the machine already has is taken when its version is one of `fitting` (prefixes).
    """

    name: str
    version: str
    fitting: tuple[str, ...]
    source: GoSource | None
    release: Release | None = None
    debian_package: str = ""
    version_arguments: tuple[str, ...] = ("--version",)

    @property
    def file_name(self) -> str:
        """Its name in the cache folder."""
        return f"{self.name}-{self.version}"

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def _kubernetes(name: str, minutes: float, version_arguments: tuple[str, ...] = ("--version",)) -> Binary:
    url = f"https://dl.k8s.io/release/v1.36.3/bin/{{platform}}/{name}"
    return Binary(
        name,
        "v1.36.3",
        fitting=("1.36.",),  # all components of one cluster: no skew between them
        source=GoSource("kubernetes", f"k8s.io/kubernetes/cmd/{name}", minutes, _KUBERNETES_FLAGS),
        release=Release(url, f"{url}.sha256"),
        version_arguments=version_arguments,
    )


def _etcd_tool(name: str) -> Binary:
    """Backs etcd up, or restores it: for tests alone."""
    return Binary(
        name,
        ETCD.version,
        fitting=ETCD.fitting,
        source=GoSource("etcd", f"go.etcd.io/etcd/{name}/v3", minutes=0.5),
        release=Release(ETCD.release.url, ETCD.release.sums_url, member=name) if ETCD.release else None,
        version_arguments=("version",),
    )


_ETCD_RELEASE = "https://github.com/etcd-io/etcd/releases/download/v3.7.3"
_PROMETHEUS_RELEASE = "https://github.com/prometheus/prometheus/releases/download/v3.5.0"

ETCD = Binary(
    "etcd",
    "v3.7.3",
    fitting=("3.6.", "3.7."),
    source=GoSource("etcd", "go.etcd.io/etcd/server/v3", minutes=1),
    release=Release(
        f"{_ETCD_RELEASE}/etcd-v3.7.3-{{os}}-{{arch}}.tar.gz",
        f"{_ETCD_RELEASE}/SHA256SUMS",
        member="etcd",
    ),
)
ETCDCTL = _etcd_tool("etcdctl")
ETCDUTL = _etcd_tool("etcdutl")
KUBE_APISERVER = _kubernetes("kube-apiserver", minutes=6)
KUBE_CONTROLLER_MANAGER = _kubernetes("kube-controller-manager", minutes=2)
KUBE_SCHEDULER = _kubernetes("kube-scheduler", minutes=1)
KUBECTL = _kubernetes("kubectl", minutes=1, version_arguments=("version", "--client"))
KWOK = Binary(
    "kwok",
    "v0.8.0",
    fitting=("0.8.",),
    source=GoSource(
        "kwok",
        "sigs.k8s.io/kwok/cmd/kwok",
        minutes=2,
        linker_flags="-X sigs.k8s.io/kwok/pkg/consts.Version=v0.8.0",
    ),
)  # its releases bear no checksums, so they are not taken
PROMETHEUS = Binary(
    "prometheus",
    "2.42-or-newer",
    fitting=("2.4", "2.5", "3."),
    source=GoSource("prometheus", "github.com/prometheus/prometheus/cmd/prometheus", minutes=7),
    release=Release(
        f"{_PROMETHEUS_RELEASE}/prometheus-3.5.0.{{os}}-{{arch}}.tar.gz",
        f"{_PROMETHEUS_RELEASE}/sha256sums.txt",
        member="prometheus",
    ),
    debian_package="prometheus",
)
PROMTOOL = Binary(
    "promtool",
    "2.42-or-newer",
    fitting=PROMETHEUS.fitting,
    source=GoSource("prometheus", "github.com/prometheus/prometheus/cmd/promtool", minutes=7),
    release=Release(PROMETHEUS.release.url, PROMETHEUS.release.sums_url, member="promtool")
    if PROMETHEUS.release
    else None,
    debian_package="prometheus",
)
ALERTMANAGER = Binary(
    "prometheus-alertmanager",
    "0.25-or-newer",
    fitting=("0.2", "0.3"),
    source=None,
    debian_package="prometheus-alertmanager",
)  # for tests alone, which are skipped where it cannot be had
VPA_ADMISSION_CONTROLLER = Binary(
    "vpa-admission-controller",
    "v1.8.1",
    fitting=("1.8.1",),
    source=GoSource("vpa", "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/admission-controller", minutes=4),
)  # the peer of the admission benchmark, made only for it; upstream releases it as an image alone
VPA_UPDATER = Binary(
    "vpa-updater",
    "v1.8.1",
    fitting=("1.8.1",),
    source=GoSource("vpa", "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/updater", minutes=2),
)  # the peer of the ladder's benchmark, made only for it; upstream releases it as an image alone

KEDA_OPERATOR = Binary(
    "keda-operator",
    "v2.21.0",
    fitting=("2.21.",),
    source=GoSource(
        "keda",
        "github.com/kedacore/keda/v2/cmd/operator",
        minutes=8,
        linker_flags="-X github.com/kedacore/keda/v2/version.Version=v2.21.0",
    ),
)  # upstream releases it as an image alone

CONTROL_PLANE = (ETCD, KUBE_APISERVER, KUBE_CONTROLLER_MANAGER, KUBE_SCHEDULER, KUBECTL, KWOK)


@dataclass(frozen=True)
class ModuleFiles:
    """A folder of a Go module that is needed beside a program: `path` names the module, `folder` is in it."""

    name: str
    version: str
    module: str
    path: str
    folder: str


KEDA_CRDS = ModuleFiles(
    "keda-crds",
    "v2.21.0",
    module="keda",
    path="github.com/kedacore/keda/v2",
    folder="config/crd/bases",
)

VPA_CRDS = ModuleFiles(
    "vpa-crds",
    "v1.8.1",
    module="vpa",
    path="k8s.io/autoscaler/vertical-pod-autoscaler",
    folder="deploy",
)


def cache_folder() -> Path:
    """The user's cache of finished programs: `$XDG_CACHE_HOME/climatik/bin`."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "climatik" / "bin"
