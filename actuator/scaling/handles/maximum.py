"""Kinds with a maximum and a minimum beside the count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from actuator.scaling.fields import read_field
from actuator.scaling.handles.handle import Fields, Place
from actuator.scaling.handles.replicas import count_of, lowered
from common.api.resource import Resource


@dataclass(frozen=True)
class MaximumHandle:
    """The maximum is lowered, never under the minimum, nor under 1 where the kind has no zero.

    `absent_minimum` is what a missing minimum counts as; a missing maximum counts as the minimum.
    """

    resource: Resource[Any]
    maximum: str
    minimum: str
    absent_minimum: int = 1
    place: Place = Place.OBJECT
    each: bool = False

    def parts(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Returns the whole."""
        return ("",)

    def pointers(self, body: Mapping[str, Any], part: str) -> tuple[str, ...]:
        """Returns the maximum."""
        return (self.maximum,)

    def most(self, body: Mapping[str, Any], part: str, fields: Fields) -> int:
        """Returns the maximum."""
        least = self.least(body, part)
        return max(least, count_of(fields[self.maximum], least))

    def least(self, body: Mapping[str, Any], part: str) -> int:
        """Returns the minimum: whoever wrote it refuses a maximum under it."""
        return max(1, count_of(read_field(body, self.minimum), self.absent_minimum))

    def bounded(self, body: Mapping[str, Any], part: str, original: Fields, ceiling: int) -> Fields:
        """Returns the lower of the original maximum and the ceiling."""
        least = self.least(body, part)
        value = lowered(original[self.maximum], max(ceiling, least), absent=least)
        return {self.maximum: value}
