"""Backups of a local control plane, taken and brought back with etcd's own programs, as operators do it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from deploy.local.binaries.catalogue import ETCDCTL, ETCDUTL, Binary
from deploy.local.binaries.provide import provide_one
from deploy.local.cluster import LocalCluster

BUMP = 1_000_000_000
"""What the operator's page says: more revisions than can have been written since the backup."""


def save(cluster: LocalCluster, file: Path) -> None:
    """Takes a backup of the running etcd."""
    client, _ = cluster.etcd_ports
    _run(ETCDCTL, f"--endpoints=http://127.0.0.1:{client}", "snapshot", "save", str(file))


def bring_back(cluster: LocalCluster, file: Path) -> None:
    """Puts a backup in the place of etcd's data; only in an outage of the cluster."""
    shutil.rmtree(cluster.etcd_data)
    _, peer = cluster.etcd_ports
    place = [f"--data-dir={cluster.etcd_data}", "--name=local"]
    member = [f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}"]
    member += [f"--initial-cluster=local=http://127.0.0.1:{peer}"]
    versions = [f"--bump-revision={BUMP}", "--mark-compacted"]
    _run(ETCDUTL, "snapshot", "restore", str(file), *place, *member, *versions)


def _run(program: Binary, *arguments: str) -> None:
    done = subprocess.run([provide_one(program), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
