"""The structs and the CustomResourceDefinitions cannot drift apart."""

from typing import Any

import msgspec
import pytest
from msgspec import inspect

from common.api import domain, frequencies, plan, policy
from common.api.resource import Resource
from tests.unit.api.schemas import RESOURCES, Pair, load_crd, pairs, root_schema, version_of

PAIRS = [pair for resource in RESOURCES for pair in pairs(resource)]

by_path = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.path)
by_kind = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.kind)

JSON_TYPES = {
    inspect.IntType: "integer",
    inspect.FloatType: "number",
    inspect.StrType: "string",
    inspect.BoolType: "boolean",
    inspect.ListType: "array",
    inspect.DictType: "object",
    inspect.StructType: "object",
}


def json_type(type_: inspect.Type) -> str:
    if isinstance(type_, inspect.UnionType):
        types = {json_type(member) for member in type_.types if type(member) in JSON_TYPES}
        (only,) = types
        return only
    return JSON_TYPES[type(type_)]


@by_path
def test_every_field_is_on_both_sides(pair: Pair) -> None:
    assert {field.encode_name for field in pair.struct.fields} == set(pair.schema["properties"])


@by_path
def test_types_are_the_same(pair: Pair) -> None:
    ours = {field.encode_name: json_type(field.type) for field in pair.struct.fields}
    assert ours == {name: schema["type"] for name, schema in pair.schema["properties"].items()}


@by_path
def test_what_a_struct_demands_the_schema_requires(pair: Pair) -> None:
    """Otherwise an object that the API server takes could not be decoded."""
    demanded = {field.encode_name for field in pair.struct.fields if field.required}
    assert demanded <= set(pair.schema.get("required", []))


@by_path
def test_defaults_are_the_same(pair: Pair) -> None:
    for field in pair.struct.fields:
        default = pair.schema["properties"][field.encode_name].get("default", msgspec.NODEFAULT)
        if default is not msgspec.NODEFAULT and not isinstance(default, dict):
            assert field.default == default, f"{pair.path}.{field.encode_name}"


@by_kind
def test_names_are_the_same(resource: Resource[Any]) -> None:
    crd = load_crd(resource)
    assert crd["metadata"]["name"] == f"{resource.plural}.{resource.group}"
    assert crd["spec"]["group"] == resource.group
    assert crd["spec"]["names"]["kind"] == resource.kind
    assert crd["spec"]["scope"] == ("Namespaced" if resource.namespaced else "Cluster")
    assert version_of(resource)["name"] == resource.version


def enum_at(resource: Resource[Any], path: str) -> list[str]:
    schema = root_schema(resource)
    for step in path.split("."):
        schema = schema["items"] if step == "[]" else schema["properties"][step]
    return list(schema["enum"])


ENUMS: dict[str, tuple[Resource[Any], str, set[str]]] = {
    "modes": (
        policy.POLICIES,
        "spec.updatePolicy.updateMode",
        {policy.MODE_OFF, policy.MODE_INITIAL, policy.MODE_AUTO},
    ),
    "levers": (
        policy.POLICIES,
        "spec.updatePolicy.levers.[]",
        {getattr(policy, name) for name in dir(policy) if name.startswith("LEVER_")},
    ),
    "domain modes": (
        domain.POWER_DOMAINS,
        "spec.updatePolicy.updateMode",
        {policy.MODE_OFF, policy.MODE_AUTO},
    ),
    "device states": (
        frequencies.NODE_FREQUENCIES,
        "status.gpus.[].status",
        {getattr(frequencies, name) for name in dir(frequencies) if name.startswith("DEVICE_")},
    ),
}


@pytest.mark.parametrize(("resource", "path", "words"), ENUMS.values(), ids=ENUMS.keys())
def test_words_are_the_same(resource: Resource[Any], path: str, words: set[str]) -> None:
    assert set(enum_at(resource, path)) == words


def test_a_plan_holds_as_many_entries_as_the_schema_lets_it() -> None:
    entries = root_schema(plan.POWER_PLANS)["properties"]["status"]["properties"]["entries"]
    assert entries["maxItems"] == plan.MAX_ENTRIES
