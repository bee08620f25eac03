"""One round of a term, from a picture to the writes that go out."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import msgspec
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from actuator.config import ActuatorSettings
from actuator.grants import Grants
from actuator.input.picture import Picture
from actuator.output.metrics import ActuatorMetrics
from actuator.output.narrator import Narrator
from actuator.output.writer import Writer
from actuator.term import Term
from common.api.core import Node, NodeInfo, NodeStatus
from common.api.domain import DomainSpec, DomainStatus, DomainUpdatePolicy, Enforcement, PowerDomain
from common.api.meta import ObjectMeta
from common.api.names import FINALIZER_RELEASE
from common.api.selector import LabelSelector
from common.domains.tree import build_tree

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NODE = Node(metadata=ObjectMeta(name="n", uid="node"), status=NodeStatus(node_info=NodeInfo(boot_id="boot")))
ROW = PowerDomain(
    metadata=ObjectMeta(name="row", uid="u", resource_version="7", finalizers=[FINALIZER_RELEASE]),
    spec=DomainSpec(
        cap_watts=9_000, node_selector=LabelSelector(), update_policy=DomainUpdatePolicy(update_mode="Auto")
    ),
)
ADVISES = replace(ROW, spec=replace(ROW.spec, update_policy=DomainUpdatePolicy(update_mode="Off")))


class Server:
    """Notes what is written, by kind and subresource; what it is asked for beside that it has not."""

    server_clock_offset_seconds = 0.0

    def __init__(self) -> None:
        self.clock = SimpleNamespace(now=lambda: NOW, monotonic=lambda: 0.0)
        self.written: dict[str, dict[str, Any]] = {}

    async def apply(self, resource: Any, body: dict[str, Any], *, subresource: str = "", **_: Any) -> Any:
        self.written[f"{resource.kind}/{subresource}"] = body

    async def create(self, resource: Any, body: dict[str, Any]) -> Any:
        self.written[f"new {resource.kind}"] = body


async def a_round(domain: PowerDomain, *, epoch: int = 1, leads: bool = True, **settings: Any) -> Server:
    server: Any = Server()
    picture = _picture(domain)
    sources: Any = SimpleNamespace(
        catch_up=_nothing,
        picture=lambda: picture,
        workloads=None,
        scaling=SimpleNamespace(kinds=None, on_change=lambda _: None, wait_synced=_nothing),
    )
    silent: Any = SimpleNamespace(event=lambda *_: None)

    async def raise_epoch(minimum: int) -> None:
        leadership.epoch = minimum

    leadership: Any = SimpleNamespace(epoch=epoch, valid=lambda: leads, raise_epoch=raise_epoch)
    chosen = ActuatorSettings(once=True, **settings)
    narrator = Narrator(silent, server.clock)
    term = Term(server, sources, chosen, ActuatorMetrics(CollectorRegistry()), narrator, server.clock)
    await term.run(leadership)
    return server


async def later_round(domain: PowerDomain) -> dict[str, dict[str, Any]]:
    """A round in the middle of the term of epoch 1; returns what is written."""
    server: Any = Server()
    metrics, silent = ActuatorMetrics(CollectorRegistry()), SimpleNamespace(event=lambda *_: None)
    writer = Writer(server, metrics, parallel=8, dry_run=False, may_write=lambda: True)
    narrator = Narrator(silent, server.clock)  # type: ignore[arg-type]
    Grants(ActuatorSettings(), writer, metrics, narrator).round(_picture(domain), 1, NOW)
    await writer.drain()
    return dict(server.written)


def _picture(domain: PowerDomain) -> Picture:
    return Picture({"n": NODE}, {}, {"row": domain}, (), (), build_tree([domain], {"n": {}}))


async def _nothing(*_: Any) -> None:
    pass


async def test_a_domain_in_auto_is_vouched_for_and_its_nodes_get_an_object() -> None:
    written = (await a_round(ROW)).written
    assert written["new NodeFrequencies"] == {"metadata": {"name": "n"}, "spec": {"nodeName": "n"}}
    status = written["PowerDomain/status"]["status"]
    assert (status["enforcement"]["effectiveCapWatts"], status["enforcement"]["leaderEpoch"]) == (9_000, 1)
    assert {one["type"] for one in status["conditions"]} >= {"Enforced", "TreeValid", "BootUnprotected"}


async def test_a_domain_that_is_held_gets_the_finalizer_once_it_is_vouched_for() -> None:
    """An object has one write under way at a time."""
    bare = replace(ROW, metadata=replace(ROW.metadata, finalizers=[]))
    written = await later_round(bare)
    assert "PowerDomain/" not in written
    status = msgspec.convert(written["PowerDomain/status"]["status"], DomainStatus)
    body = (await later_round(replace(bare, status=status)))["PowerDomain/"]
    assert body["metadata"]["finalizers"] == [FINALIZER_RELEASE]
    assert "PowerDomain/" not in await later_round(replace(ROW, status=status))


async def test_a_domain_that_only_advises_is_let_go_step_by_step() -> None:
    spoken_for = replace(ADVISES, status=_spoken_for(1))
    assert (await a_round(spoken_for)).written["PowerDomain/"]["metadata"].get("finalizers") is None
    bare = replace(spoken_for, metadata=replace(ADVISES.metadata, finalizers=[]))
    body = (await a_round(bare)).written["PowerDomain/status"]
    assert "enforcement" not in body["status"]


async def test_an_epoch_that_is_out_there_already_is_gone_beyond() -> None:
    spoken_for = replace(ROW, status=_spoken_for(7))
    enforcement = (await a_round(spoken_for, epoch=3)).written["PowerDomain/status"]["status"]["enforcement"]
    assert enforcement["leaderEpoch"] == 8


async def test_nothing_is_written_in_a_dry_run_or_by_who_does_not_lead() -> None:
    assert (await a_round(ROW, dry_run=True)).written == {}
    assert (await a_round(ROW, leads=False)).written == {}


def _spoken_for(epoch: int) -> DomainStatus:
    word = Enforcement(
        leader_epoch=epoch, heartbeat_time="2026-01-01T00:00:00.000000Z", effective_cap_watts=9_000,
        granted_cap_watts=9_000, base_watts=1_200, reserved_watts=1_200,
    )  # fmt: skip
    return DomainStatus(enforcement=word)
