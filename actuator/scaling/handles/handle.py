"""What is to be known of a kind that owns a count."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Protocol

from actuator.scaling.fields import Value
from common.api.resource import Resource

Fields = Mapping[str, Value]
"""Values of an object's fields by JSON Pointer."""


class Place(Enum):
    """Where the original is remembered."""

    OBJECT = "object"
    """On the object, in the same write as the ceiling."""
    POLICY = "policy"
    """On the policy, for objects whose annotations have effects of their own."""


class Handle(Protocol):
    """How the count of a kind is bounded. Pure; objects come as plain JSON types in wire names."""

    @property
    def resource(self) -> Resource[Any]:
        """The kind."""
        ...

    @property
    def place(self) -> Place:
        """Where the original is remembered."""
        ...

    @property
    def each(self) -> bool:
        """Whether the ceiling bounds each workload under the owner by itself, instead of their sum."""
        ...

    def parts(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Returns the field paths of the parts that are bounded apart; one empty path for a whole object."""
        ...

    def pointers(self, body: Mapping[str, Any], part: str) -> tuple[str, ...]:
        """Returns the fields that bound the count of a part; none where nothing does."""
        ...

    def most(self, body: Mapping[str, Any], part: str, fields: Fields) -> int:
        """Returns the most replicas that there can be with such values of the fields."""
        ...

    def least(self, body: Mapping[str, Any], part: str) -> int:
        """Returns the lowest ceiling that may be set."""
        ...

    def bounded(self, body: Mapping[str, Any], part: str, original: Fields, ceiling: int) -> Fields:
        """Returns the values of all the fields that bound the count to a ceiling, and never raise it."""
        ...
