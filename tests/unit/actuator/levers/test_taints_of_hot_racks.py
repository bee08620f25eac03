"""Taints of hot racks are put right on every node, but under a domain that is paused, or one above it."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from actuator.levers.hot_nodes import HotNodes, remove_hot_taints
from actuator.placement.hot import HotSettings
from common.api.core import Node, NodeSpec, Taint
from common.api.domain import PowerDomain
from common.api.meta import rfc3339
from common.domains.tree import build_tree
from common.kube.errors import Conflict, KubeError, NotFound, ServerError, Status
from tests.unit.actuator.placement.builders import domain, node

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
PAUSE = {"climatik.io/pause": "true"}
OURS = Taint(key="climatik.io/hot", value="inlet", effect="PreferNoSchedule")


class Server:
    server_clock_offset_seconds = 0.0

    def __init__(self, *errors: KubeError) -> None:
        self.clock = SimpleNamespace(now=lambda: NOW)
        self.patched: list[str] = []
        self.errors = list(errors)
        self.node: Node | None = replace(node("n"), spec=NodeSpec(taints=[OURS]))

    async def patch(self, resource: Any, name: str, patch: Any, *, kind: str) -> None:
        if self.errors:
            raise self.errors.pop()
        self.patched.append(name)

    async def get(self, resource: Any, name: str) -> Node:
        if self.node is None:
            raise NotFound(Status(code=404, reason="NotFound"))
        return self.node

    async def list(self, resource: Any) -> Any:
        return SimpleNamespace(items=[replace(node("n"), spec=NodeSpec(taints=[OURS]))])


def hot(name: str, **changes: Any) -> PowerDomain:
    over = domain(name, inlet=31, max_inlet_temperature=30)
    assert over.status.observed is not None
    observed = replace(over.status.observed, last_updated=rfc3339(NOW))
    metadata = replace(over.metadata, annotations=changes.pop("annotations", {}))
    spec = replace(over.spec, **changes)
    return replace(over, metadata=metadata, spec=spec, status=replace(over.status, observed=observed))


PAUSED: dict[str, tuple[dict[str, str], dict[str, str], list[str]]] = {
    "nobody": ({}, {}, ["r"]),
    "the rack": ({}, PAUSE, []),
    "the room above it": (PAUSE, {}, []),
}


@pytest.mark.parametrize(("room", "rack", "patched"), PAUSED.values(), ids=PAUSED)
async def test_a_pause_leaves_taints_as_they_are(
    room: dict[str, str], rack: dict[str, str], patched: list[str]
) -> None:
    server: Any = Server()
    domains = [hot("room", annotations=room, node_selector=None), hot("r", annotations=rack, parent="room")]
    nodes = {"r": node("r")}
    tree = build_tree(domains, {"r": nodes["r"].metadata.labels})
    picture: Any = SimpleNamespace(nodes=nodes, domains={one.name: one for one in domains}, tree=tree)
    await HotNodes(server, lambda: picture, HotSettings(), lambda: True).round()
    assert server.patched == patched


def refused(kind: type[Any], code: int) -> KubeError:
    error: KubeError = kind(Status(code=code, reason="no"))
    return error


async def test_uninstalling_takes_a_taint_off_also_where_somebody_else_writes() -> None:
    server: Any = Server(refused(Conflict, 409), refused(ServerError, 503))
    assert await remove_hot_taints(server, lambda: True) == []
    assert server.patched == ["n"]


async def test_a_node_that_is_gone_meanwhile_bears_none() -> None:
    server: Any = Server()
    server.node = None
    assert await remove_hot_taints(server, lambda: True) == []


async def test_what_still_bears_one_is_named() -> None:
    server: Any = Server(*(refused(ServerError, 503) for _ in range(9)))
    assert await remove_hot_taints(server, lambda: True) == ["n"]
    assert await remove_hot_taints(Server(), lambda: False) == ["n"]  # type: ignore[arg-type]
