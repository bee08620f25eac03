"""What GPUs do when they do not serve: a pod's start, and training."""

from __future__ import annotations

from dataclasses import dataclass

from common.twin.gpu_model import Load

_START_LOAD = Load(compute=0.47, memory=0.17)
"""Lifts a server with 8 GPUs by 3.2 kW, as in the records that ``StartPhase`` names (3.1 and 3.2 kW)."""
_TRAINING_LOAD = Load(compute=0.88, memory=0.1)
_SYNCHRONISE_LOAD = Load(compute=0.1, memory=0.25)


@dataclass(frozen=True)
class StartPhase:
    """A pod's start: loading weights and warming up.

    Public wall-power records of an 8-GPU H200 server show the step that matters to a cap: it gains half of
    its peak (3.1 of 6.4 kW) within two seconds (MLPerf Inference v4.1, server scenario of llama2-70b and
    mixtral-8x7b).
    """

    seconds: float = 8.0
    rise_seconds: float = 2.0

    def load_at(self, age_seconds: float) -> Load | None:
        """Returns the load at an age of the pod; None once it has started."""
        if age_seconds >= self.seconds:
            return None
        share = min(1.0, max(0.0, age_seconds) / self.rise_seconds)
        return Load(_START_LOAD.compute * share, _START_LOAD.memory * share)


def training_load(age_seconds: float, iteration_seconds: float = 4.0, exchange_seconds: float = 0.4) -> Load:
    """Returns the load of a training job: compute-bound, but for an exchange at the end of each iteration."""
    exchanging = age_seconds % iteration_seconds >= iteration_seconds - exchange_seconds
    return _SYNCHRONISE_LOAD if exchanging else _TRAINING_LOAD
