"""The schemas keep the conventions of the API: every field explained and bounded, lists merged by key."""

from typing import Any

import pytest

from common.api.resource import Resource
from tests.unit.api.schemas import RESOURCES, Schema, leaves, load_crd, root_schema, version_of

LEAVES = [
    leaf
    for resource in RESOURCES
    for part in ("spec", "status")
    for leaf in leaves(f"{resource.kind}.{part}", root_schema(resource)["properties"][part])
]
FIELDS = [(path, schema) for path, schema in LEAVES if not path.endswith(("[]", "{}"))]


def of_type(*types: str) -> list[tuple[str, Schema]]:
    return [(path, schema) for path, schema in LEAVES if schema.get("type") in types]


def test_every_field_is_described_in_a_sentence() -> None:
    assert len(FIELDS) > len(RESOURCES)
    assert [path for path, schema in FIELDS if not schema.get("description", "").endswith(".")] == []


def test_target_ratio_alone_is_a_fraction() -> None:
    assert [path.rpartition(".")[2] for path, _ in of_type("number")] == ["targetRatio"]


def test_whole_numbers_say_how_wide_they_are() -> None:
    assert [
        path for path, schema in of_type("integer") if schema.get("format") not in ("int32", "int64")
    ] == []


def test_whole_numbers_of_spec_are_bounded_on_both_sides() -> None:
    unbounded = [
        path
        for path, schema in of_type("integer")
        if ".spec" in path and not ("minimum" in schema and "maximum" in schema)
        and not path.startswith("NodeFrequencies.spec.powerBudget.")  # counters only ever grow
    ]  # fmt: skip
    assert unbounded == []


def test_lists_and_maps_are_bounded() -> None:
    lists = [path for path, schema in of_type("array") if "maxItems" not in schema]
    maps = [p for p, s in of_type("object") if "additionalProperties" in s and "maxProperties" not in s]
    assert lists + maps == []


def test_texts_are_bounded() -> None:
    free = [p for p, s in of_type("string") if not {"maxLength", "enum", "format"} & set(s)]
    assert free == []


def test_lists_say_how_they_are_merged() -> None:
    for path, schema in of_type("array"):
        kind = schema.get("x-kubernetes-list-type")
        assert kind in ("map", "set", "atomic"), path
        if kind == "map":
            items = schema["items"]
            given = set(items["required"]) | {n for n, s in items["properties"].items() if "default" in s}
            assert set(schema["x-kubernetes-list-map-keys"]) <= given, path


def test_times_end_in_time_or_say_when_they_were_set() -> None:
    times = [path for path, schema in LEAVES if schema.get("format") == "date-time"]
    assert [path for path in times if not path.endswith(("Time", "lastUpdated"))] == []


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.kind)
def test_rules_name_field_and_remedy(resource: Resource[Any]) -> None:
    for path, schema in leaves(resource.kind, root_schema(resource)):
        for rule in schema.get("x-kubernetes-validations", []):
            assert rule["fieldPath"].startswith("."), path
            assert any(mark in rule["message"] for mark in (": ", "takes ")), f"{path}: {rule['message']}"


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.kind)
def test_kind_is_listed_with_its_family(resource: Resource[Any]) -> None:
    assert load_crd(resource)["spec"]["names"]["categories"] == ["climatik", "power"]
    assert version_of(resource)["subresources"] == {"status": {}}
