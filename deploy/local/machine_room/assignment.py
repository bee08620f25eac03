"""Which GPU belongs to which pod, as a kubelet's device manager decides it."""

from __future__ import annotations

from collections.abc import Sequence


class GpuAssigner:
    """First fit over the GPUs of one node; what a pod has got it keeps until it is gone."""

    def __init__(self, uuids: Sequence[str]) -> None:
        self._uuids = tuple(uuids)
        self._owners: dict[str, str] = {}

    def assign(self, pod: str, count: int) -> list[str]:
        """Returns the pod's GPUs, taking free ones at its first call; none at all where too few are free."""
        held = self.held_by(pod)
        if held:
            return held
        free = [uuid for uuid in self._uuids if uuid not in self._owners][:count]
        if len(free) < count:
            return []
        self._owners.update(dict.fromkeys(free, pod))
        return free

    def release(self, pod: str) -> None:
        """Frees what a pod held."""
        self._owners = {uuid: owner for uuid, owner in self._owners.items() if owner != pod}

    def held_by(self, pod: str) -> list[str]:
        """Returns the GPUs that a pod holds, in the node's order."""
        return [uuid for uuid in self._uuids if self._owners.get(uuid) == pod]
