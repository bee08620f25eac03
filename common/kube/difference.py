"""Comparing what we want with what is there."""

from __future__ import annotations

import functools
import typing
from typing import Any

import msgspec


def covers(live: Any, wanted: Any) -> bool:
    """Whether ``live`` already holds everything that ``wanted`` asks for.

    Mappings are compared by the keys of ``wanted``; lists of conditions (entries with a ``type`` and a
    ``status``) and finalizers by the entries of ``wanted``; everything else as a whole.
    """
    if isinstance(wanted, dict):
        return isinstance(live, dict) and all(
            _covers_field(live, key, value) for key, value in wanted.items()
        )
    if isinstance(wanted, list) and _is_conditions(wanted):
        return _covers_conditions(live, wanted)
    return bool(live == wanted)


def same(live: Any, wanted: Any) -> bool:
    """Whether there is nothing in ``live`` beyond ``wanted`` either; an absent mapping is an empty one."""
    return bool((live or None) == (wanted or None))


def _covers_field(live: dict[str, Any], key: str, wanted: Any) -> bool:
    if key == "finalizers" and isinstance(wanted, list):
        return set(wanted) <= set(live.get(key) or [])
    return covers(live.get(key, {} if isinstance(wanted, dict) else None), wanted)


def _is_conditions(entries: list[Any]) -> bool:
    return bool(entries) and all(
        isinstance(entry, dict) and {"type", "status"} <= entry.keys() for entry in entries
    )


def _covers_conditions(live: Any, wanted: list[dict[str, Any]]) -> bool:
    present = {entry.get("type"): entry for entry in live or [] if isinstance(entry, dict)}
    return all(covers(present.get(entry["type"]), entry) for entry in wanted)


def unknown_fields(type_: Any, value: Any) -> bool:
    """Whether ``value`` (plain JSON types) holds a field that the struct type would drop at decode."""
    struct = _struct_of(type_)
    if struct is None:
        return False
    if isinstance(value, list):
        return any(unknown_fields(struct, entry) for entry in value)
    if not isinstance(value, dict):
        return False
    known = _fields(struct)
    return any(key not in known or unknown_fields(known[key], entry) for key, entry in value.items())


def _struct_of(type_: Any) -> type[msgspec.Struct] | None:
    """Finds the struct in ``S``, ``S | None`` or ``list[S]``."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return type_
    structs = (_struct_of(argument) for argument in typing.get_args(type_))
    return next((struct for struct in structs if struct), None)


@functools.cache
def _fields(type_: type[msgspec.Struct]) -> dict[str, Any]:
    return {field.encode_name: field.type for field in msgspec.structs.fields(type_)}
