"""What of ours is found in a cluster, and how what was there before compares with what is there now."""

from __future__ import annotations

import json
from typing import Any

import pytest

from climatik.uninstall.compare import DIFFERS, GIVEN_BACK, STAYS, STILL_THERE, compare
from climatik.uninstall.traces import traces

HELD = {"original": 6, "ours": 3, "policy": "serving/cap", "since": "2026-01-01T00:00:00Z"}
ON_POLICY = json.dumps({"apps/v1/Deployment/web": {"fields": {"/spec/replicas": HELD}}})
HOT = {"key": "climatik.io/hot", "value": "inlet", "effect": "PreferNoSchedule"}


def body(
    name: str, namespace: str = "", annotations: dict[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    meta: dict[str, Any] = {"name": name, "annotations": annotations or {}}
    if namespace:
        meta["namespace"] = namespace
    meta |= more.pop("metadata", {})
    return {"metadata": meta, **more}


def deployment(replicas: int, *, of: str = "Deployment/web", noted: bool = True) -> dict[str, Any]:
    note = json.dumps({"fields": {"/spec/replicas": HELD}, "of": of})
    marks = {"climatik.io/replica-ceiling": note} if noted else {}
    return body("web", "serving", marks, spec={"replicas": replicas})


def node(*, taint: bool, watts: str = "") -> dict[str, Any]:
    capacity = {"climatik.io/watts": watts} if watts else {}
    return body("n1", spec={"taints": [HOT] if taint else []}, status={"capacity": capacity})


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "a ceiling given back": (
        {"Deployment": [deployment(3)]}, {"Deployment": [deployment(6, noted=False)]}, [GIVEN_BACK],
    ),
    "a ceiling that stands": (
        {"Deployment": [deployment(3)]}, {"Deployment": [deployment(3)]}, [STILL_THERE],
    ),
    "its note is gone, its value is not back": (
        {"Deployment": [deployment(3)]}, {"Deployment": [deployment(3, noted=False)]}, [DIFFERS],
    ),
    "its owner is gone": ({"Deployment": [deployment(3)]}, {"Deployment": []}, [GIVEN_BACK]),
    "a copy of a note is none": ({"Deployment": [deployment(3, of="ScaledObject/web")]}, {}, []),
    "a taint taken away": ({"Node": [node(taint=True)]}, {"Node": [node(taint=False)]}, [GIVEN_BACK]),
    "a taint that stands": ({"Node": [node(taint=True)]}, {"Node": [node(taint=True)]}, [STILL_THERE]),
    "a taint that came meanwhile": (
        {"Node": [node(taint=False)]}, {"Node": [node(taint=True)]}, [STILL_THERE],
    ),
    "watts that nodes offer": (
        {"Node": [node(taint=False, watts="100")]}, {"Node": [node(taint=False, watts="100")]}, [STAYS],
    ),
    "devices released": ({"NodeFrequencies": [body("n1")]}, {"NodeFrequencies": []}, [GIVEN_BACK]),
    "devices not confirmed": (
        {"NodeFrequencies": [body("n1")]}, {"NodeFrequencies": [body("n1")]}, [STILL_THERE],
    ),
    "a policy let go": (
        {"PowerCappingPolicy": [body("cap", "ns", metadata={"finalizers": ["climatik.io/release"]})]},
        {"PowerCappingPolicy": [body("cap", "ns")]},
        [GIVEN_BACK],
    ),
    "an owner whose note is on the policy": (
        {
            "PowerCappingPolicy": [
                body("cap", "serving", {
                    "climatik.io/replica-ceilings": ON_POLICY,
                })
            ],
            "Deployment": [deployment(3, noted=False)],
        },
        {"PowerCappingPolicy": [body("cap", "serving")], "Deployment": [deployment(6, noted=False)]},
        [GIVEN_BACK],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), CASES.values(), ids=CASES)
def test_a_verdict(before: dict[str, Any], after: dict[str, Any], expected: list[str]) -> None:
    rows = compare(traces(before), after)
    assert [row.verdict for row in rows] == expected
    assert all(row.well for row in rows) == (not {STILL_THERE, DIFFERS} & set(expected))


def test_caps_come_last() -> None:
    found = {"NodeFrequencies": [body("n1")], "Node": [node(taint=True)], "Deployment": [deployment(3)]}
    assert [one.object for one in traces(found)][-1] == "NodeFrequencies/n1"


@pytest.mark.parametrize(
    "note", ['{"chat": {"fields": {}}}', '{"apps/Deployment/chat": "no note"}', "not JSON"],
    ids=["a key without a kind", "a value that is no note", "no JSON"],
)  # fmt: skip
def test_a_note_that_somebody_spoilt_does_not_hide_what_else_is_there(note: str) -> None:
    spoilt = body("cap", "serving", {"climatik.io/replica-ceilings": note})
    found = {"PowerCappingPolicy": [spoilt], "NodeFrequencies": [body("n1")]}
    assert [one.object for one in traces(found)][-1] == "NodeFrequencies/n1"


def test_a_note_that_cannot_be_read_is_named() -> None:
    spoilt = body("cap", "serving", {"climatik.io/replica-ceilings": '{"apps/Deployment/chat": "no note"}'})
    (one,) = traces({"PowerCappingPolicy": [spoilt]})
    assert (one.object, one.what) == ("Deployment/serving/chat", "note of a ceiling that cannot be read")
