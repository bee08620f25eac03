"""Rules over time: what was granted, confirmed or led once is not taken back by a late write."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.cluster.crds.objects import Object, budget, domain, frequencies, plan
from tests.cluster.crds.server import ACTUATOR, Server

Stored = Callable[[Object], Object]


class Step(NamedTuple):
    """A change of the stored grant (sequence 5, epoch 3; 1000, 2000, 2500 W) of a node of 2400 W at most.

    Its agent has confirmed the grant, or only the one before.
    """

    name: str
    confirmed: bool
    change: Object
    field: str = ""
    words: str = ""


REFUSED = [
    Step("lower leader epoch", True, {"leaderEpoch": 2, "sequence": 6}, "leaderEpoch", "leads no more"),
    Step("lower sequence", True, {"sequence": 4}, "sequence", "only ever grows"),
    Step(
        "same sequence, other grant", True, {"grantWatts": 2100}, "sequence", "takes a new, higher sequence"
    ),
    Step("same sequence, other epoch", True, {"leaderEpoch": 4}, "sequence", "takes a new, higher sequence"),
    Step(
        "reserve falls unconfirmed",
        False,
        {"sequence": 6, "reservedWatts": 2300},
        "reservedWatts",
        "not confirmed",
    ),
    Step("base changes unconfirmed", False, {"sequence": 6, "baseWatts": 900}, "baseWatts", "not confirmed"),
    Step(
        "lease changes unconfirmed",
        False,
        {"sequence": 6, "leaseDurationSeconds": 60},
        "baseWatts",
        "not confirmed",
    ),
]

ALLOWED = [
    Step("reserve falls confirmed", True, {"sequence": 6, "reservedWatts": 2000}),
    Step("reserve falls to the nameplate", False, {"sequence": 6, "reservedWatts": 2400}),
    Step("base changes confirmed", True, {"sequence": 6, "baseWatts": 900}),
    Step("grant falls unconfirmed", False, {"sequence": 6, "grantWatts": 1500}),
    Step("grant rises unconfirmed", False, {"sequence": 6, "grantWatts": 2600, "reservedWatts": 2600}),
    Step("new leader", False, {"sequence": 6, "leaderEpoch": 4}),
    Step("release", True, {"sequence": 6, "release": True}),
    Step("nothing changes", False, {}),
]


def granted(server: Server, stored: Stored, *, confirmed: bool, **changes: object) -> Object:
    body = stored(frequencies(powerBudget=budget(**changes)))
    confirm(server, body, 5 if confirmed else 4)
    return body


def confirm(server: Server, body: Object, sequence: int) -> None:
    confirmed = {"uid": body["metadata"]["uid"], "sequence": sequence, "nameplateWatts": 2400}
    status = {"powerBudget": confirmed}
    answer = server.merge(body, {"status": status}, subresource="/status")
    assert answer.ok, answer.message


@pytest.mark.parametrize("step", REFUSED, ids=lambda step: step.name)
def test_change_of_a_grant_is_refused(server: Server, stored: Stored, step: Step) -> None:
    body = granted(server, stored, confirmed=step.confirmed)
    answer = server.merge(body, {"spec": {"powerBudget": step.change}}, as_user=ACTUATOR)
    assert answer.code == 422, answer.body
    field = f"spec.powerBudget.{step.field}"
    assert any(step.words in message for name, message in answer.causes if name == field), answer.causes


@pytest.mark.parametrize("step", ALLOWED, ids=lambda step: step.name)
def test_change_of_a_grant_is_allowed(server: Server, stored: Stored, step: Step) -> None:
    body = granted(server, stored, confirmed=step.confirmed)
    answer = server.merge(body, {"spec": {"powerBudget": step.change}}, as_user=ACTUATOR)
    assert answer.ok, answer.message


def test_change_before_any_agent_has_spoken_is_allowed(server: Server, stored: Stored) -> None:
    body = stored(frequencies(powerBudget=budget()))
    change = {"sequence": 6, "reservedWatts": 2000, "baseWatts": 900}
    assert server.merge(body, {"spec": {"powerBudget": change}}, as_user=ACTUATOR).ok


def test_node_name_stays_while_there_is_a_grant(server: Server, stored: Stored) -> None:
    body = granted(server, stored, confirmed=True)
    answer = server.merge(body, {"spec": {"nodeName": "node-2"}}, as_user=ACTUATOR)
    assert "spec.nodeName" in dict(answer.causes), answer.body


def test_node_name_of_a_request_may_change(server: Server, stored: Stored) -> None:
    body = stored(frequencies(name="request"))
    assert server.merge(body, {"spec": {"nodeName": "node-2"}}, as_user=ACTUATOR).ok


@pytest.mark.parametrize(("release", "confirmed"), [(False, True), (True, False), (False, False)])
def test_grant_stays_until_its_release_is_confirmed(
    server: Server, stored: Stored, release: bool, confirmed: bool
) -> None:
    body = granted(server, stored, confirmed=confirmed, release=release)
    answer = server.merge(body, {"spec": {"powerBudget": None}}, as_user=ACTUATOR)
    assert answer.code == 422, answer.body
    assert "set powerBudget.release to true" in dict(answer.causes)["spec.powerBudget"]


def test_after_a_confirmed_release_the_next_grant_goes_on_from_the_last_sequence(
    server: Server, stored: Stored
) -> None:
    body = granted(server, stored, confirmed=True, release=True)
    assert server.merge(body, {"spec": {"powerBudget": None}}, as_user=ACTUATOR).ok
    again = server.merge(body, {"spec": {"powerBudget": budget(sequence=5)}}, as_user=ACTUATOR)
    assert "go on from" in dict(again.causes)["spec.powerBudget.sequence"]
    assert server.merge(body, {"spec": {"powerBudget": budget(sequence=6)}}, as_user=ACTUATOR).ok


def test_a_new_object_may_start_over(server: Server, stored: Stored) -> None:
    body = granted(server, stored, confirmed=True)
    assert server.delete(body).ok
    assert (
        stored(frequencies(powerBudget=budget(sequence=1, leaderEpoch=1)))["spec"]["powerBudget"]["sequence"]
        == 1
    )


def test_confirmation_is_not_taken_back(server: Server, stored: Stored) -> None:
    body = granted(server, stored, confirmed=True)
    status = {"powerBudget": {"sequence": 4}}
    answer = server.merge(body, {"status": status}, subresource="/status")
    assert "never taken back" in dict(answer.causes)["status.powerBudget.sequence"]


@pytest.mark.parametrize(("epoch", "code"), [(2, 422), (3, 200), (4, 200)])
def test_leader_epoch_of_a_domain_never_falls(server: Server, stored: Stored, epoch: int, code: int) -> None:
    body = stored(domain())
    enforcement: Object = {"leaderEpoch": 3, "heartbeatTime": "2027-01-15T17:00:00.123456Z"}
    first = server.merge(
        body, {"status": {"enforcement": enforcement}}, subresource="/status", as_user=ACTUATOR
    )
    assert first.ok, first.message
    late = {"status": {"enforcement": {"leaderEpoch": epoch}}}
    answer = server.merge(body, late, subresource="/status", as_user=ACTUATOR)
    assert answer.code == code, answer.body
    assert code == 200 or "status.enforcement.leaderEpoch" in dict(answer.causes)


@pytest.mark.parametrize("change", [{"domain": "rack-2"}, {"shard": 1}], ids=str)
def test_plan_keeps_its_domain_and_shard(server: Server, stored: Stored, change: Object) -> None:
    answer = server.merge(stored(plan()), {"spec": change})
    assert answer.code == 422
    assert any("create another PowerPlan" in message for _, message in answer.causes)
