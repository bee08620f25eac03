"""Put our CustomResourceDefinitions, accounts and access rules onto a cluster."""

from pathlib import Path

from deploy.local.binaries.catalogue import KUBECTL
from deploy.local.binaries.provide import provide
from deploy.local.kubectl import Kubectl

_REPOSITORY = Path(__file__).resolve().parents[2]
_CRDS = _REPOSITORY / "crds"
_MANIFESTS = _REPOSITORY / "deploy" / "manifests" / "base"


def install(kubeconfig: Path) -> None:
    """Install everything but the binaries themselves, and say what was changed."""
    program = provide([KUBECTL])[KUBECTL.name]
    kubectl = Kubectl(program, kubeconfig, kubeconfig.parent / "kubectl-cache")
    print(apply_crds(kubectl) + apply_manifests(kubectl), end="")


def apply_crds(kubectl: Kubectl) -> str:
    """Apply the CustomResourceDefinitions and wait until they are served; returns kubectl's words."""
    said = _apply(kubectl, "-f", str(_CRDS))
    return said + kubectl.run("wait", "--for=condition=Established", "-f", str(_CRDS), "--timeout=30s")


def apply_manifests(kubectl: Kubectl) -> str:
    """Apply namespace, service accounts, access rules and admission policies; returns kubectl's words."""
    return _apply(kubectl, "-k", str(_MANIFESTS))


def _apply(kubectl: Kubectl, *source: str) -> str:
    return kubectl.run(
        "apply", "--server-side", "--force-conflicts", "--field-manager=climatik-install", *source
    )
