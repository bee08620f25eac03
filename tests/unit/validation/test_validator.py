"""From bytes to bytes: what is looked at, and what is let through."""

import json

import msgspec
import pytest

from tests.unit.validation.objects_for_tests import NOWHERE, World, domain, policy, review

BAD = domain("x", cap_schedules=[NOWHERE])


def deleted(item):
    meta = msgspec.structs.replace(item.metadata, deletion_timestamp="2026-01-01T00:00:00Z")
    return msgspec.structs.replace(item, metadata=meta)


def finalized(item):
    meta = msgspec.structs.replace(item.metadata, finalizers=["climatik.io/release"])
    return msgspec.structs.replace(item, metadata=meta)


DEEP = b'{"x":' + b"[" * 80_000

LET_THROUGH = {
    "its status": review(BAD, domain("x"), subResource="status"),
    "a finalizer": review(finalized(BAD), BAD),
    "its deletion": review(deleted(BAD), domain("x")),
    "DELETE": review(BAD, operation="DELETE") | {"request": review(BAD)["request"] | {"object": None}},
    "another group": review(BAD, resource={"group": "apps", "version": "v1", "resource": "powerdomains"}),
    "another kind": review(
        BAD, resource={"group": "climatik.io", "version": "v1alpha1", "resource": "other"}
    ),
    "what the schema will refuse": review({"spec": {"powerCapLimit": "much"}}),
}


@pytest.mark.parametrize("body", LET_THROUGH.values(), ids=LET_THROUGH.keys())
def test_let_through_without_a_word(body):
    assert World().ask(body) == {"uid": "u-1", "allowed": True}


def test_the_same_object_is_refused_where_it_is_new():
    world = World()
    assert not world.ask(review(BAD))["allowed"]
    assert world.count("refused") == 1


def test_nothing_is_judged_before_all_is_known():
    assert World(synced=False).ask(review(BAD))["allowed"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"request": {"uid": 5}}', b"\xff", DEEP])
def test_body_that_is_no_review_is_allowed_and_told(body):
    world = World()
    answer = world.ask(body)
    assert answer["allowed"]
    assert "could not be read" in answer["warnings"][0]
    assert world.count("malformed") == 1


def test_what_is_no_review_is_answered_under_its_own_uid():
    """The API server takes an answer for another uid as a failed call, and shows nobody the warning."""
    answer = World().ask(b'{"request": {"uid": "u-9", "operation": 5}}')
    assert (answer["uid"], answer["allowed"]) == ("u-9", True)


def test_failure_inside_allows_and_is_counted(caplog):
    def broken(*_):
        raise RuntimeError("boom")

    world = World()
    world.around(policies=broken, policies_of=broken)
    answer = world.ask(review(policy()))
    assert answer["allowed"]
    assert "not looked at" in answer["warnings"][0]
    assert world.count("error") == 1
    assert "boom" in caplog.text


def test_many_warnings_are_cut_to_what_the_api_server_passes_on():
    crowd = [policy(f"p{index}", labels={"app": "chat"}) for index in range(50)]
    answer = World(policies=crowd).ask(review(policy()))
    assert len(json.dumps(answer["warnings"])) < 4096
