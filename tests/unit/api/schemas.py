"""The schemas of ``crds/`` beside the structs of ``common/api``, field by field."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec.inspect
import yaml

from common.api.domain import POWER_DOMAINS
from common.api.frequencies import NODE_FREQUENCIES
from common.api.plan import POWER_PLANS
from common.api.policy import POLICIES
from common.api.resource import Resource

CRDS = Path(__file__).parents[3] / "crds"
RESOURCES: list[Resource[Any]] = [POLICIES, NODE_FREQUENCIES, POWER_DOMAINS, POWER_PLANS]

Schema = dict[str, Any]


class Pair(NamedTuple):
    """A struct and the schema of the same object; ``path`` says where they are."""

    path: str
    struct: msgspec.inspect.StructType
    schema: Schema


def load_crd(resource: Resource[Any]) -> Schema:
    content: Schema = yaml.safe_load((CRDS / f"{resource.plural}.yaml").read_text())
    return content


def version_of(resource: Resource[Any]) -> Schema:
    (version,) = load_crd(resource)["spec"]["versions"]
    return dict(version)


def root_schema(resource: Resource[Any]) -> Schema:
    return dict(version_of(resource)["schema"]["openAPIV3Schema"])


def pairs(resource: Resource[Any]) -> Iterator[Pair]:
    """Every struct under spec and status with its schema."""
    root = root_schema(resource)["properties"]
    whole = msgspec.inspect.type_info(resource.type)
    assert isinstance(whole, msgspec.inspect.StructType)
    for field in whole.fields:
        if field.encode_name in ("spec", "status"):
            struct = struct_of(field.type)
            assert struct is not None
            yield from _walk(Pair(f"{resource.kind}.{field.encode_name}", struct, root[field.encode_name]))


def struct_of(type_: msgspec.inspect.Type) -> msgspec.inspect.StructType | None:
    """The struct in a type: itself, an item of its list, or a member of its union."""
    match type_:
        case msgspec.inspect.StructType():
            return type_
        case msgspec.inspect.ListType():
            return struct_of(type_.item_type)
        case msgspec.inspect.UnionType():
            return next((found for member in type_.types if (found := struct_of(member))), None)
        case _:
            return None


def leaves(path: str, schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Every schema under a schema, with its path."""
    yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from leaves(f"{path}.{name}", part)
    if "items" in schema:
        yield from leaves(f"{path}[]", schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        yield from leaves(f"{path}{{}}", schema["additionalProperties"])


def _walk(pair: Pair) -> Iterator[Pair]:
    yield pair
    for field in pair.struct.fields:
        struct = struct_of(field.type)
        if struct is not None:
            schema = pair.schema["properties"][field.encode_name]
            yield from _walk(Pair(f"{pair.path}.{field.encode_name}", struct, schema.get("items", schema)))
