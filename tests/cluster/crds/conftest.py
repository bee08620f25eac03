"""The API server of the session's control plane, and objects that are gone after the test."""

from collections.abc import Callable, Iterator

import pytest

from deploy.local.cluster import LocalCluster
from tests.cluster.crds.objects import Object
from tests.cluster.crds.server import ACTUATOR, Server


@pytest.fixture(scope="session")
def server(cluster: LocalCluster) -> Server:
    return Server(cluster.kubeconfig)


@pytest.fixture
def stored(server: Server) -> Iterator[Callable[[Object], Object]]:
    """Creates an object (as the actuator, who alone may write grants) and deletes it after the test."""
    made = []

    def create(body: Object) -> Object:
        owner = ACTUATOR if body["kind"] == "NodeFrequencies" else ""
        answer = server.create(body, as_user=owner)
        assert answer.ok, answer.message
        made.append(body)
        return answer.body

    yield create
    for body in made:
        server.delete(body)
