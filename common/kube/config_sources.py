"""Where the configuration comes from: a kubeconfig, or the service account of the pod that we run in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from common.kube.config import ClusterConfig, TlsConfig
from common.kube.errors import ConfigError

SERVICE_ACCOUNT_DIR = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def load_config(kubeconfig: str = "", context: str = "") -> ClusterConfig:
    """Finds the cluster: the given file, ``$KUBECONFIG``, the pod's service account, ``~/.kube/config``.

    Files are only ever read.

    Args:
        kubeconfig: Path of a kubeconfig (or several, joined as in ``$KUBECONFIG``); empty to search.
        context: The context to use; empty for the file's current one.

    Raises:
        ConfigError: Nothing was found, or what was found is incomplete; the message names the remedy.
    """
    from common.kube.kubeconfig import load_kubeconfig  # noqa: PLC0415 - in a pod there is no YAML to read

    paths = kubeconfig or os.environ.get("KUBECONFIG", "")
    if paths:
        return load_kubeconfig([Path(path) for path in paths.split(os.pathsep) if path], context)
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return in_cluster_config(os.environ, SERVICE_ACCOUNT_DIR)
    return load_kubeconfig([Path.home() / ".kube" / "config"], context)


def in_cluster_config(environ: Mapping[str, str], account_dir: Path) -> ClusterConfig:
    """Builds the configuration of a pod from its environment and its mounted service account.

    Raises:
        ConfigError: The environment or the token is missing.
    """
    host = environ.get("KUBERNETES_SERVICE_HOST", "")
    if not host:
        raise ConfigError("KUBERNETES_SERVICE_HOST is not set: not in a pod? Pass --kubeconfig instead")
    token_file = account_dir / "token"
    if not token_file.exists():
        raise ConfigError(f"{token_file} is missing: set automountServiceAccountToken: true on the pod")
    namespace_file = account_dir / "namespace"
    namespace = namespace_file.read_text().strip() if namespace_file.exists() else "default"
    address = f"[{host}]" if ":" in host else host
    return ClusterConfig(
        server=f"https://{address}:{environ.get('KUBERNETES_SERVICE_PORT', '443')}",
        namespace=namespace,
        tls=TlsConfig(ca_file=str(account_dir / "ca.crt")),
        token_file=str(token_file),
    )
