"""Equal parts of many objects held once: the pods of a Deployment differ in little but their names."""

from __future__ import annotations

import typing
from typing import Any, Generic

import msgspec

from common.api.resource import T

MAX_DISTINCT = 8192
"""Distinct values that a field may have before its pool starts anew; bounds what outlives its objects."""

TRIAL = 2048
"""Objects after which a field whose values seldom repeat is no longer looked at."""


class _Pool:
    """The distinct values of one field."""

    def __init__(self, part: str, name: str) -> None:
        self.part = part
        self.name = name
        self._values: dict[bytes, Any] = {}
        self._asked = self._found = 0

    def share(self, holder: msgspec.Struct) -> None:
        """Replaces the field's value by an equal one that is held already."""
        value = getattr(holder, self.name)
        if not value:
            return
        shared = self._values.setdefault(msgspec.json.encode(value), value)
        self._asked += 1
        if shared is not value:
            self._found += 1
            msgspec.structs.force_setattr(holder, self.name, shared)
        elif len(self._values) > MAX_DISTINCT:
            self._values.clear()

    @property
    def useless(self) -> bool:
        """Whether a fair trial has shown that values seldom repeat."""
        return self._asked >= TRIAL and self._found * 4 < TRIAL


def _is_collection(type_: Any) -> bool:
    """Whether a field's type is a list or mapping, or may be one (``list[X] | None``)."""
    if typing.get_origin(type_) in (list, dict):
        return True
    return any(typing.get_origin(choice) in (list, dict) for choice in typing.get_args(type_))


class Sharing(Generic[T]):
    """Shares the lists and mappings at the second level of objects of one type (``spec.containers``, labels).

    Only for objects that nobody else has seen yet: they are frozen afterwards.
    """

    def __init__(self, type_: type[T]) -> None:
        self._pools = [
            _Pool(part.name, field.name)
            for part in msgspec.structs.fields(type_)
            if isinstance(part.type, type) and issubclass(part.type, msgspec.Struct)
            for field in msgspec.structs.fields(part.type)
            if _is_collection(field.type)
        ]

    def share(self, item: T) -> T:
        """Returns the object with parts replaced by equal ones that other objects hold."""
        for pool in self._pools:
            pool.share(getattr(item, pool.part))
            if pool.useless:
                self._pools = [kept for kept in self._pools if kept is not pool]
        return item
