"""One ask at a time: what is written, what is remembered, who is refused, and when a person's value stays."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from actuator.scaling.decide import (
    CHANGED_BY_OTHER,
    HELD_BY_OTHER,
    RESTORED,
    UNCHANGED,
    WRITTEN,
    Ask,
    Decision,
    decide,
)
from actuator.scaling.fields import merge_patch
from actuator.scaling.memory import Held, Note, Yielded

from .bodies import (
    DEPLOYMENT,
    LLM_INFERENCE_SERVICE,
    PAUSED,
    PREFILL,
    SCALED_OBJECT,
    Body,
    deployment,
    llm,
    scaled_object,
)
from .small_server import merged

REPLICAS = "/spec/replicas"
MAIN, BESIDE = "/spec/replicas", "/spec/prefill/replicas"


class Owner:
    """An object and the note on it, to which decisions are written."""

    def __init__(self, handle: Any, body: Body) -> None:
        self.handle = handle
        self.body = body
        self.note = Note()

    def ask(self, ceiling: int | None, policy: str = "ns/cap", part: str = "", now: str = "t1") -> Decision:
        decision = decide(self.handle, self.body, part, self.note, Ask(policy, ceiling, now))
        self.body = merged(self.body, merge_patch(decision.values))
        self.note = decision.note
        return decision


def test_the_original_is_remembered_and_given_back() -> None:
    owner = Owner(DEPLOYMENT, deployment(4))
    assert owner.ask(2).reason == WRITTEN
    assert owner.note == Note({REPLICAS: Held(4, 2, "ns/cap", "t1")})
    assert owner.ask(None).reason == RESTORED
    assert (owner.body, owner.note) == (deployment(4), Note())


def test_a_lower_ceiling_keeps_the_first_original_and_its_time() -> None:
    owner = Owner(DEPLOYMENT, deployment(4))
    owner.ask(3)
    decision = owner.ask(1, now="t2")
    assert decision.message == "spec.replicas from 3 to 1 (originally 4)"
    assert owner.note.fields[REPLICAS] == Held(4, 1, "ns/cap", "t1")


def test_a_ceiling_at_the_original_gives_it_back() -> None:
    owner = Owner(DEPLOYMENT, deployment(4))
    assert owner.ask(2).message == "spec.replicas from 4 to 2"
    restored = owner.ask(9)
    assert (restored.reason, restored.message) == (RESTORED, "spec.replicas back to 4")
    assert (owner.body, owner.note) == (deployment(4), Note())


def test_asking_twice_writes_once() -> None:
    owner = Owner(DEPLOYMENT, deployment(4))
    owner.ask(2)
    again = owner.ask(2, now="t2")
    assert (again.done, again.reason, again.values) == (True, UNCHANGED, {})


def test_a_change_of_somebody_else_stays_and_is_not_fought() -> None:
    owner = Owner(DEPLOYMENT, deployment(4))
    owner.ask(2)
    owner.body = deployment(5)
    told = owner.ask(2, now="t2")
    assert (told.done, told.reason, told.values) == (False, CHANGED_BY_OTHER, {})
    assert "spec.replicas is 5, where 2 was written for policy ns/cap" in told.message
    assert owner.note == Note({}, {"": Yielded("ns/cap", "t2", "spec.replicas")})
    later = owner.ask(1, now="t3")
    assert (later.done, later.values, owner.body) == (False, {}, deployment(5))
    assert owner.ask(None).done
    assert owner.note == Note()
    assert owner.ask(1).done  # the next shortage


def test_the_original_that_somebody_has_set_again_is_their_change() -> None:
    owner = Owner(DEPLOYMENT, deployment(4))
    owner.ask(2)
    owner.body = deployment(4)
    assert owner.ask(2).reason == CHANGED_BY_OTHER


def test_what_nobody_has_changed_is_given_back_where_another_field_was() -> None:
    owner = Owner(SCALED_OBJECT, scaled_object(6))
    owner.ask(0)
    owner.body = scaled_object(9, paused="0")
    assert owner.ask(None).done
    assert owner.body["spec"] == {"maxReplicaCount": 9}
    assert PAUSED not in owner.body["metadata"]["annotations"]
    assert owner.note == Note()


def test_giving_back_leaves_a_changed_field_alone_and_says_so() -> None:
    owner = Owner(DEPLOYMENT, deployment(4))
    owner.ask(2)
    owner.body = deployment(3)
    assert owner.ask(None).reason == CHANGED_BY_OTHER
    assert (owner.body, owner.note) == (deployment(3), Note())


def test_a_second_policy_is_refused_with_the_name_of_the_first() -> None:
    owner = Owner(DEPLOYMENT, deployment(4))
    owner.ask(2)
    refused = owner.ask(1, policy="ns/other")
    assert (refused.done, refused.reason, refused.message) == (False, HELD_BY_OTHER, "policy ns/cap holds it")
    assert not owner.ask(None, policy="ns/other").done
    assert owner.body == deployment(2)


def test_uninstall_gives_back_for_any_policy() -> None:
    owner = Owner(DEPLOYMENT, deployment(4))
    owner.ask(2)
    assert owner.ask(None, policy="").done
    assert (owner.body, owner.note) == (deployment(4), Note())


def test_parts_are_bounded_and_given_back_apart() -> None:
    owner = Owner(LLM_INFERENCE_SERVICE, llm({"replicas": 4}, {"replicas": 3}))
    owner.ask(2)
    owner.ask(1, policy="ns/prefill", part=PREFILL)
    owner.body = merged(owner.body, {"spec": {"replicas": 5}})
    assert owner.ask(2).reason == CHANGED_BY_OTHER
    assert owner.note.fields == {BESIDE: Held(3, 1, "ns/prefill", "t1")}
    assert owner.ask(None, policy="ns/prefill", part=PREFILL).done
    assert owner.body == llm({"replicas": 5}, {"replicas": 3})


def test_a_field_that_is_gone_is_not_brought_back() -> None:
    owner = Owner(LLM_INFERENCE_SERVICE, llm({"scaling": {"maxReplicas": 4}}))
    owner.ask(2)
    owner.body = llm({"replicas": 4})
    owner.ask(None)
    assert (owner.body, owner.note) == (llm({"replicas": 4}), Note())


def test_a_value_that_may_not_have_landed_is_nobodys_change() -> None:
    note = Note({REPLICAS: Held(4, 2, "ns/cap", "t1", before=[4])})
    for standing in (4, 2):
        owner = Owner(DEPLOYMENT, deployment(standing))
        owner.note = note
        assert owner.ask(2).done
        assert owner.body == deployment(2)
        assert owner.note == Note({REPLICAS: Held(4, 2, "ns/cap", "t1")})


COUNTS = st.integers(0, 9)


@given(
    body=st.builds(scaled_object, st.none() | st.integers(5, 9), st.none() | st.integers(0, 5)),
    ceilings=st.lists(st.none() | COUNTS, max_size=6),
)
def test_whatever_was_asked_the_exact_original_comes_back(body: Body, ceilings: list[int | None]) -> None:
    owner = Owner(SCALED_OBJECT, body)
    for ceiling in ceilings:
        owner.ask(ceiling)
        most, least = owner.body["spec"].get("maxReplicaCount", 100), body["spec"].get("minReplicaCount", 0)
        assert max(1, least) <= most
    owner.ask(None)
    assert owner.body["spec"] == body["spec"]
    assert not owner.body.get("metadata", {}).get("annotations")
    assert owner.note == Note()
