"""What the mover looks at: policies, and pods from the local copies once there are any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from actuator.input.sources import Sources
from common.api.placement import PlacedPod
from common.api.policy import PowerCappingPolicy


class MovesView:
    """Local copies; pods are followed from the first place on that is noted.

    Args:
        sources: Where the copies are.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def policies(self) -> Iterable[PowerCappingPolicy]:
        """Returns all policies."""
        return self._sources.policies.items()

    def pods_in(self, namespace: str) -> Sequence[PlacedPod] | None:
        """Returns the pods of a namespace; None while there is no full picture."""
        workloads = self._sources.workloads
        workloads.need()
        return cast("Sequence[PlacedPod]", workloads.pods_in(namespace)) if workloads.synced else None
