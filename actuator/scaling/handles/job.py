"""A bare Job: its pods at once are lowered, down to none; it waits then, and goes on when they are back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from actuator.scaling.fields import Value
from actuator.scaling.handles.handle import Fields, Place
from actuator.scaling.handles.replicas import count_of, lowered
from common.api.batch import JOBS, LABEL_QUEUE
from common.api.resource import Resource

PARALLELISM = "/spec/parallelism"


@dataclass(frozen=True)
class JobHandle:
    """``spec.parallelism``; ``spec.suspend`` belongs to whoever queues Jobs, and resets their clock."""

    resource: Resource[Any] = JOBS
    place: Place = Place.OBJECT
    each: bool = False

    def parts(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Returns the whole."""
        return ("",)

    def pointers(self, body: Mapping[str, Any], part: str) -> tuple[str, ...]:
        """Returns the count; none for a Job in a queue of Kueue's."""
        labels: Mapping[str, Value] = body.get("metadata", {}).get("labels", {})
        return () if LABEL_QUEUE in labels else (PARALLELISM,)

    def most(self, body: Mapping[str, Any], part: str, fields: Fields) -> int:
        """Returns the count."""
        return count_of(fields[PARALLELISM], 1) if PARALLELISM in fields else 0

    def least(self, body: Mapping[str, Any], part: str) -> int:
        """Returns 0: the policy's ``minReplicas`` is the only floor."""
        return 0

    def bounded(self, body: Mapping[str, Any], part: str, original: Fields, ceiling: int) -> Fields:
        """Returns the lower of original and ceiling."""
        return {PARALLELISM: lowered(original[PARALLELISM], ceiling, absent=1)}


JOB = JobHandle()
