"""Our admission webhook beside a local control plane, with the rights of its account."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from deploy.local.cluster import LocalCluster
from deploy.local.processes import ProcessSet


def start_webhook(cluster: LocalCluster, processes: ProcessSet, excluded: Sequence[str]) -> None:
    """Starts it on a free port; it registers itself.

    Args:
        cluster: Where it registers.
        processes: Takes the process.
        excluded: Namespaces that it leaves alone, beside ``kube-system``.
    """
    command = [
        sys.executable, "-m", "admission", f"--kubeconfig={cluster.kubeconfig_for('climatik-admission')}",
        "--webhook-listen-address=127.0.0.1:0", "--webhook-url=https://127.0.0.1:0",
        f"--excluded-namespaces={','.join(['kube-system', *excluded])}",
    ]  # fmt: skip
    processes.start("admission", command)
