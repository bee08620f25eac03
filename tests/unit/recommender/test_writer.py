"""Only what is new is written, only to status, and only what is ours."""

from datetime import timedelta

import msgspec
import pytest

from common.api.domain import DomainStatus, Enforcement, Observed
from common.api.meta import Condition, ObjectMeta
from common.api.plan import PlanEntry, PlanSpec, PlanStatus, PowerPlan
from common.api.policy import CurrentPower, PolicyStatus
from recommender.logic.domains import DomainReport
from recommender.output.writer import Writer
from tests.unit.recommender.builders import NOW, domain, policy


class FakeClient:
    """Remembers what was applied, and answers with nothing but success."""

    def __init__(self):
        self.applied = []

    async def apply(self, resource, body, *, field_manager, subresource=""):
        name = body["metadata"]["name"]
        self.applied.append((resource.kind, name, subresource, field_manager, body))
        return msgspec.convert({"metadata": body["metadata"]}, resource.type)


@pytest.fixture
def client():
    return FakeClient()


@pytest.fixture
def writer(client):
    return Writer(client, 60.0, dry_run=False)


def status(watts, at="2026-01-01T12:00:00Z"):
    return PolicyStatus(current_power=CurrentPower(watts=watts, pods=3), last_updated=at)


def report(watts):
    condition = Condition(type="Observed", status="True", reason="Measured", message=f"{watts} W")
    return DomainReport(Observed(power_watts=watts, last_updated="2026-01-01T12:00:10Z"), [condition])


async def test_a_status_is_written_once(client, writer):
    assert await writer.write_policy(policy(), status(900), NOW)
    live = policy(status=status(900))
    assert not await writer.write_policy(live, status(905), NOW + timedelta(seconds=5))
    (call,) = client.applied
    assert call[:4] == ("PowerCappingPolicy", "cap", "status", "climatik-recommender")
    assert set(call[4]) == {"apiVersion", "kind", "metadata", "status"}


async def test_a_status_that_moved_is_written_again(writer):
    assert await writer.write_policy(policy(status=status(900)), status(950), NOW + timedelta(seconds=5))


async def test_a_status_is_refreshed_although_hardly_anything_moved(writer):
    assert await writer.write_policy(policy(status=status(900)), status(901), NOW + timedelta(seconds=61))


async def test_only_our_part_of_a_domain_is_written(client, writer):
    live = msgspec.structs.replace(
        domain("room"),
        status=DomainStatus(
            enforcement=Enforcement(leader_epoch=7),
            conditions=[Condition(type="Enforced", status="True", reason="Held")],
        ),
    )
    assert await writer.write_domain(live, report(500), NOW)
    body = client.applied[0][4]
    assert set(body["status"]) == {"observed", "conditions"}
    assert [one["type"] for one in body["status"]["conditions"]] == ["Observed"]


def plan(*watts):
    entries = [PlanEntry(kind="Node", name=f"n{i}", watts=value, reason="r") for i, value in enumerate(watts)]
    return "room", PlanSpec(domain="room"), PlanStatus(cap_watts=1000, algorithm="x", entries=entries)


def live_plan(*watts):
    _, spec, body = plan(*watts)
    stamped = msgspec.structs.replace(body, last_updated="2026-01-01T12:00:00Z")
    return PowerPlan(metadata=ObjectMeta(name="room"), spec=spec, status=stamped)


async def test_a_plan_is_made_with_its_domain_as_owner_and_then_filled(client, writer):
    assert await writer.write_plan(None, plan(500, 400), domain("room"), NOW)
    made, filled = client.applied
    assert made[:3] == ("PowerPlan", "room", "")
    assert made[4]["metadata"]["ownerReferences"][0]["uid"] == "uid-room"
    assert filled[2] == "status"


async def test_a_plan_is_written_when_a_share_moves_and_not_before(client, writer):
    later = NOW + timedelta(seconds=5)
    assert not await writer.write_plan(live_plan(500, 400), plan(500, 400), domain("room"), later)
    assert await writer.write_plan(live_plan(500, 400), plan(499, 401), domain("room"), later)
    assert len(client.applied) == 1


async def test_a_dry_run_prints_and_writes_nothing(client, capsys):
    await Writer(client, 60.0, dry_run=True).write_policy(policy(), status(900), NOW)
    assert client.applied == []
    assert '"watts": 900' in capsys.readouterr().out
