"""Fixtures that the tiers share: one real control plane for the session, one namespace for each test."""

import asyncio
import os
import signal
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from deploy.local.cluster import LocalCluster
from deploy.local.launcher import die_with

settings.register_profile(
    "the same on every machine",
    deadline=None,  # on a busy machine an example may take any time: pytest-timeout ends what hangs
    derandomize=True,  # a failure is the change's, never the day's
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("the same on every machine")


def pytest_configure(config: pytest.Config) -> None:
    """Let the workers of a parallel run end with it, even if one is busy and it was killed."""
    if hasattr(config, "workerinput"):
        die_with(os.getppid(), signal.SIGKILL)


def pytest_sessionstart() -> None:
    """Keep pytest-asyncio from making a loop that nobody closes.

    It asks for the current loop before it sets its own. On the main thread of Python 3.11 that makes one,
    unless the loop was once set, be it to none.
    """
    asyncio.set_event_loop(None)


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
    cluster.create_namespace(name)
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")
