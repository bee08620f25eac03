"""Kinds whose ``spec.replicas`` is the count itself: Deployment, StatefulSet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from actuator.scaling.fields import Value
from actuator.scaling.handles.handle import Fields, Place
from common.api.resource import Resource

REPLICAS = "/spec/replicas"


@dataclass(frozen=True)
class ReplicasHandle:
    """The count is lowered itself; an absent one counts as 1."""

    resource: Resource[Any]
    place: Place = Place.OBJECT
    each: bool = False

    def parts(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Returns the whole."""
        return ("",)

    def pointers(self, body: Mapping[str, Any], part: str) -> tuple[str, ...]:
        """Returns the count."""
        return (REPLICAS,)

    def most(self, body: Mapping[str, Any], part: str, fields: Fields) -> int:
        """Returns the count."""
        return count_of(fields[REPLICAS], 1)

    def least(self, body: Mapping[str, Any], part: str) -> int:
        """Returns 0: the policy's ``minReplicas`` is the only floor."""
        return 0

    def bounded(self, body: Mapping[str, Any], part: str, original: Fields, ceiling: int) -> Fields:
        """Returns the lower of original and ceiling."""
        return {REPLICAS: lowered(original[REPLICAS], ceiling, absent=1)}


def count_of(value: Value, absent: int) -> int:
    """Returns a count from a field; a number written as text counts, anything else as absent."""
    if isinstance(value, str):
        return int(value) if value.isdecimal() else absent
    return absent if value is None else value


def lowered(original: Value, ceiling: int, *, absent: int) -> Value:
    """Returns the original where it is low enough, so that an absent field stays absent; else the ceiling."""
    return original if count_of(original, absent) <= ceiling else ceiling
