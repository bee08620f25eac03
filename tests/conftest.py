"""Fixtures that the tiers share: one real control plane for the whole session, one namespace for each test."""

import uuid
from collections.abc import Iterator

import pytest

from deploy.local.cluster import LocalCluster
from deploy.local.processes import wait_until


@pytest.fixture(scope="session")
def cluster() -> Iterator[LocalCluster]:
    """A real control plane with our CRDs, accounts, access rules and admission policies installed."""
    with LocalCluster() as running:
        running.install_crds()
        running.install_manifests()
        yield running


@pytest.fixture
def namespace(cluster: LocalCluster) -> Iterator[str]:
    """A fresh namespace in which pods can be made; it is deleted, without waiting, after the test."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    cluster.kubectl("create", "namespace", name)
    wait_until(
        lambda: "/default" in cluster.kubectl("get", "serviceaccounts", "-n", name, "-o", "name"),
        f"namespace {name}",
        timeout_seconds=30,
    )
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")
