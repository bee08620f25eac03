"""What the server serves is asked once a minute, and a kind that is not there is an answer, too."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from common.kube.api_resources import LIFETIME_SECONDS, ApiResources, ServedKind
from common.kube.errors import ConnectionNotMade, KubeError, api_error
from common.kube.settings import ClientSettings
from common.kube.transport import Request
from tests.fakes.clock import FakeClock
from tests.fakes.transport import scripted_client

ROLLOUTS = {"name": "rollouts", "kind": "Rollout", "namespaced": True}
SCALE = {"name": "rollouts/scale", "kind": "Scale", "namespaced": True}


class Server:
    """Answers discovery with what it serves at the moment."""

    def __init__(self) -> None:
        self.served: list[dict[str, object]] | None = [ROLLOUTS, SCALE]
        self.error: KubeError | None = None
        self.body: bytes | None = None
        self.asked: list[str] = []

    async def answer(self, request: Request) -> AsyncIterator[bytes]:
        self.asked.append(request.path)
        if self.error is not None:
            raise self.error
        if self.served is None:
            raise api_error(404, b"{}")
        yield self.body or json.dumps({"resources": self.served}).encode()


def resources(server: Server) -> tuple[ApiResources, FakeClock]:
    client, _ = scripted_client(server.answer, ClientSettings(attempts=1))
    clock = FakeClock()
    return ApiResources(client, clock), clock


async def test_a_kind_is_found_with_its_place_and_its_scale() -> None:
    server = Server()
    kinds, _ = resources(server)
    assert await kinds.find("argoproj.io/v1alpha1", "Rollout") == ServedKind("rollouts", True, True)
    assert await kinds.find("argoproj.io/v1alpha1", "Scale") is None
    assert server.asked == ["/apis/argoproj.io/v1alpha1"]


async def test_the_core_group_has_its_own_path() -> None:
    server = Server()
    kinds, _ = resources(server)
    await kinds.find("v1", "Pod")
    assert server.asked == ["/api/v1"]


async def test_a_crd_that_comes_or_goes_is_noticed_within_a_minute() -> None:
    server = Server()
    server.served = None
    kinds, clock = resources(server)
    assert await kinds.find("argoproj.io/v1alpha1", "Rollout") is None
    server.served = [ROLLOUTS]
    assert await kinds.find("argoproj.io/v1alpha1", "Rollout") is None
    clock.advance(LIFETIME_SECONDS)
    assert await kinds.find("argoproj.io/v1alpha1", "Rollout") == ServedKind("rollouts", True, False)


async def test_a_group_without_kinds_is_an_answer() -> None:
    server = Server()
    server.body = b'{"kind":"APIResourceList","resources":null}'
    kinds, _ = resources(server)
    assert await kinds.find("argoproj.io/v1alpha1", "Rollout") is None


async def test_what_is_no_answer_of_an_api_server_is_an_error_of_the_api_layer() -> None:
    server = Server()
    server.body = b"<html>sign in</html>"
    kinds, _ = resources(server)
    with pytest.raises(KubeError, match=r"argoproj\.io"):
        await kinds.find("argoproj.io/v1alpha1", "Rollout")


async def test_no_answer_is_not_taken_for_absence() -> None:
    server = Server()
    server.error = ConnectionNotMade("down")
    kinds, _ = resources(server)
    with pytest.raises(KubeError):
        await kinds.find("argoproj.io/v1alpha1", "Rollout")
    server.error = None
    assert await kinds.find("argoproj.io/v1alpha1", "Rollout") is not None
