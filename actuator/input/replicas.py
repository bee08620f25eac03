"""How many pods of a workload serve, without those that the record says were stopped already.

The local copies may go on showing a pod for a while after its eviction was answered. It must not count as one
that is left then, nor be stopped a second time.
"""

from __future__ import annotations

from collections import Counter

from actuator.gate.pods import is_ready
from actuator.input.round import Round
from actuator.ladder.action import Rung
from common.api.core import Pod
from common.api.decisions import INTENDED, TAKEN
from common.api.workload import workload_of


class Replicas:
    """Counts in one round; those of a namespace are counted once."""

    def __init__(self, round_: Round) -> None:
        self._pods = round_.pods
        self._stopped = frozenset(
            one.uid
            for one in round_.record.decisions
            if one.rung != Rung.CEILING.name and one.verdict in (INTENDED, TAKEN)
        )
        self._ready: dict[str, Counter[str]] = {}

    def is_stopped(self, pod: Pod) -> bool:
        """Whether a pod was stopped, or may have been."""
        return pod.metadata.uid in self._stopped

    def ready(self, workload: str) -> int:
        """Returns how many pods of a workload (``namespace/Kind/name``) are ready and stay."""
        namespace, _, name = workload.partition("/")
        if namespace not in self._ready:
            pods = self._pods.pods_in(namespace)
            staying = (pod for pod in pods if is_ready(pod) and not self.is_stopped(pod))
            self._ready[namespace] = Counter(map(workload_of, staying))
        return self._ready[namespace][name]
