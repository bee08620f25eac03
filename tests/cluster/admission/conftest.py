"""A webhook for each file of tests, and nodes that offer watts."""

import uuid
from collections.abc import Iterator

import pytest

from deploy.local.cluster import LocalCluster
from tests.cluster.admission.objects import create, node
from tests.cluster.admission.webhook import Webhook, running


@pytest.fixture(scope="module")
def webhook(cluster: LocalCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    """A webhook that serves and is registered while the tests of a file run."""
    with running(cluster, tmp_path_factory.mktemp("webhook")) as started:
        yield started


def _pool(cluster: LocalCluster, watts: int) -> Iterator[str]:
    name = f"pool-{uuid.uuid4().hex[:8]}"
    create(cluster, node(name, name, watts))
    yield name
    cluster.kubectl("delete", "node", name, "--wait=false")


@pytest.fixture(scope="module")
def pool(cluster: LocalCluster) -> Iterator[str]:
    """A pool of one node that offers watts."""
    yield from _pool(cluster, 5000)


@pytest.fixture(scope="module")
def plain_pool(cluster: LocalCluster) -> Iterator[str]:
    """A pool of one node that offers none."""
    yield from _pool(cluster, 0)
