"""A KEDA ScaledObject that nobody else made: ``maxReplicaCount``, and for zero the annotation that pauses it.

A maximum of 0 is no bound that KEDA could hand on: an HPA has at least 1. One under ``minReplicaCount`` is
refused by a rule of its CRD.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actuator.scaling.fields import annotation_pointer, read_field
from actuator.scaling.handles.handle import Fields, Place
from actuator.scaling.handles.replicas import count_of, lowered
from common.api.autoscaling import SCALED_OBJECTS

MAXIMUM = "/spec/maxReplicaCount"
MINIMUM = "/spec/minReplicaCount"
PAUSED_AT = annotation_pointer("autoscaling.keda.sh/paused-replicas")
_ABSENT_MAXIMUM = 100


class ScaledObjectHandle:
    """Two fields: the maximum, and the count at which the object is paused."""

    resource = SCALED_OBJECTS
    place = Place.OBJECT
    each = False

    def parts(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Returns the whole."""
        return ("",)

    def pointers(self, body: Mapping[str, Any], part: str) -> tuple[str, ...]:
        """Returns the maximum and the pause."""
        return (MAXIMUM, PAUSED_AT)

    def most(self, body: Mapping[str, Any], part: str, fields: Fields) -> int:
        """Returns the maximum, or the count at which the object is paused: KEDA heeds that alone then."""
        maximum = count_of(fields[MAXIMUM], _ABSENT_MAXIMUM)
        return maximum if fields[PAUSED_AT] is None else count_of(fields[PAUSED_AT], maximum)

    def least(self, body: Mapping[str, Any], part: str) -> int:
        """Returns ``minReplicaCount``; 0 only where that is 0 or absent."""
        return count_of(read_field(body, MINIMUM), 0)

    def bounded(self, body: Mapping[str, Any], part: str, original: Fields, ceiling: int) -> Fields:
        """Returns a lower maximum, or a pause at zero; a pause that a person set is lowered, too."""
        ceiling = max(ceiling, self.least(body, part))
        if original[PAUSED_AT] is not None:
            paused = count_of(original[PAUSED_AT], 0)
            return {**original, PAUSED_AT: original[PAUSED_AT] if paused <= ceiling else str(ceiling)}
        if ceiling == 0:
            return {**original, PAUSED_AT: "0"}
        return {**original, MAXIMUM: lowered(original[MAXIMUM], ceiling, absent=_ABSENT_MAXIMUM)}


SCALED_OBJECT = ScaledObjectHandle()
