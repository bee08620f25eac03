"""What is written, on which condition, and what happens when others write at the same time."""

import json
from datetime import timedelta

import msgspec
import pytest

from admission.slack.approval import NotApprovable, plan_approval
from admission.slack.expiry import Expiry
from admission.slack.writer import Writer
from common.api.approval import Approval, encode_approval
from common.api.meta import to_builtins
from common.api.names import ANNOTATION_APPROVAL
from common.kube.errors import Conflict, ConnectionFailed, Invalid, NotFound, Status
from tests.fakes.clock import FakeClock
from tests.unit.slack.desk_for_tests import BOUNDS, NOW, MemoryWorld, policy

CONFLICT = Conflict(Status(code=409))


class Api:
    """An API client with one policy; ``fails`` are raised by the next writes, one each."""

    def __init__(self, live, *fails):
        self.live = live
        self.fails = list(fails)
        self.applied = []
        self.patched = []

    async def get(self, _resource, name, namespace):
        if self.live is None:
            raise NotFound(Status(code=404))
        return self.live

    async def request(self, method, path, *, query, body, content_type):
        assert (method, content_type) == ("PATCH", "application/apply-patch+yaml")
        self.applied.append((query, json.loads(body)))
        if self.fails:
            raise self.fails.pop(0)
        return msgspec.json.encode(to_builtins(self.live))

    async def patch(self, _resource, name, patch, namespace):
        self.patched.append(patch)
        return self.live


def approved(mode="Auto", before="Off", until="2026-01-01T00:00:00Z"):
    note = Approval(by="U1", until=until, levers=["Frequency"], mode_before=before)
    return policy(mode, ["Frequency"], {ANNOTATION_APPROVAL: encode_approval(note)})


async def test_trial_is_a_dry_run_as_the_apps_own_manager():
    api = Api(policy())
    await Writer(api, "ns").try_out(plan_approval(policy(), None, BOUNDS), "U1", NOW)
    ((query, body),) = api.applied
    assert query == {"fieldManager": "climatik-slack", "force": "true", "dryRun": "All"}
    assert body["metadata"]["resourceVersion"] == "7"


async def test_status_written_meanwhile_is_no_obstacle():
    api = Api(policy(), CONFLICT, CONFLICT)
    plan = plan_approval(policy(), 30, BOUNDS)
    await Writer(api, "ns").approve(plan.digest, plan, BOUNDS, "U1", NOW)
    assert len(api.applied) == 3


async def test_spec_written_meanwhile_is():
    plan = plan_approval(policy(), 30, BOUNDS)
    api = Api(policy("Initial", ["PowerLimit"]), CONFLICT)
    with pytest.raises(NotApprovable, match="changed since"):
        await Writer(api, "ns").approve(plan.digest, plan, BOUNDS, "U1", NOW)
    assert len(api.applied) == 1


async def test_conflicts_without_end_are_given_up():
    plan = plan_approval(policy(), 30, BOUNDS)
    with pytest.raises(Conflict):
        await Writer(Api(policy(), *[CONFLICT] * 9), "ns").approve(plan.digest, plan, BOUNDS, "U1", NOW)
    with pytest.raises(Conflict):
        await Writer(Api(approved(), *[CONFLICT] * 9), "ns").end("chat", "llm")


async def test_end_of_what_is_not_valid_without_our_levers_sets_the_mode_back():
    api = Api(approved(), Invalid(Status(code=422)))
    await Writer(api, "ns").end("chat", "llm")
    assert api.applied[-1][1]["spec"] == {"updatePolicy": {"updateMode": "Off"}}


async def test_annotation_that_somebody_else_wrote_goes_too():
    api = Api(approved())
    await Writer(api, "ns").end("chat", "llm")
    assert api.patched[0]["metadata"]["annotations"] == {ANNOTATION_APPROVAL: None}


class Trail:
    def __init__(self):
        self.ended = []

    def expired(self, subject, detail):
        self.ended.append((subject.name, detail))


async def looked(api, known, seconds=0.0):
    trail, clock = Trail(), FakeClock(NOW - timedelta(seconds=1))
    clock.advance(seconds)
    await Expiry(MemoryWorld(known), Writer(api, "ns"), trail, clock, 5.0).look()
    return trail.ended


async def test_expiry_ends_what_is_over_and_nothing_before():
    api = Api(approved())
    assert await looked(api, approved()) == []
    assert api.applied == []
    ((name, detail),) = await looked(api, approved(), 1.0)
    assert name == "chat"
    assert "approval by U1 has ended" in detail


@pytest.mark.parametrize("trouble", [ConnectionFailed("no route"), CONFLICT])
async def test_expiry_goes_on_after_a_failure(trouble):
    api = Api(approved(), *[trouble] * 9)
    assert await looked(api, approved(), 1.0) == []
    api.fails.clear()
    assert len(await looked(api, approved(), 1.0)) == 1


async def test_expiry_of_what_is_gone_or_ended_already_says_nothing():
    assert await looked(Api(None), approved(), 1.0) == []
    assert await looked(Api(policy()), approved(), 1.0) == []
