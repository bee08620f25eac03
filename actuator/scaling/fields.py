"""Single fields of an object by JSON Pointer (RFC 6901): read them, and patch them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Value = int | str | None
"""A field's value; None where the field is absent."""


def annotation_pointer(key: str) -> str:
    """Returns the pointer of an annotation."""
    return f"/metadata/annotations/{_escape(key)}"


def read_field(body: Mapping[str, Any], pointer: str) -> Value:
    """Returns the field's value, None where any part of the way to it is absent."""
    found: Any = body
    for part in _parts(pointer):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, int | str) else None


def merge_patch(values: Mapping[str, Value]) -> dict[str, Any]:
    """Returns the JSON Merge Patch that sets the fields; one whose value is None is taken out."""
    patch: dict[str, Any] = {}
    for pointer, value in values.items():
        *way, last = _parts(pointer)
        inner = patch
        for part in way:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return patch


def plain_name(pointer: str) -> str:
    """Returns the field's name as people write it: ``spec.maxReplicas``."""
    parts = _parts(pointer)
    return f"annotation {parts[-1]}" if parts[:2] == ["metadata", "annotations"] else ".".join(parts)


def _parts(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("/").split("/")]


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
