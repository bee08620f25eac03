"""A server of eight equal GPUs as numpy tables: draw and speed of a phase at every clock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from common.replay.profile import Floats
from common.twin.gpu_model import A100, GpuModel, Load

_STEP_MHZ = 15


@dataclass(frozen=True)
class Server:
    """What a server is made of.

    Attributes:
        gpu: Its kind; clocks, limits and the shape of the draw over the clock are the twin's.
        gpus: How many.
        rest_watts: Processors, memory, fans and losses; taken as steady.
        provisioned_watts: What the row's feed was sized for, per server.
        prompt_compute_share: Part of the time of a usual prompt that slows down with the clock.
        decode_compute_share: Part of a decode step that does.

    What grows with tokens or with sequences computes and slows down with the clock; what does not reads
    weights. In the Splitwise sweeps of BLOOM-176B, 44 ms of the 324 ms of a prompt of 1,155 tokens (the mean
    of Azure's conversations) do not grow with it, and 1 to 2 % of a decode step grow with the batch.
    """

    gpu: GpuModel = A100
    gpus: int = 8
    rest_watts: float = 2400.0
    provisioned_watts: float = 5700.0
    prompt_compute_share: float = 0.87
    decode_compute_share: float = 0.02

    @property
    def floor_watts(self) -> float:
        """The least that the lowest limits of all GPUs hold a server to."""
        return self.rest_watts + self.gpus * self.gpu.min_limit_watts

    @property
    def idle_watts(self) -> float:
        """Draw without load."""
        return self.rest_watts + self.gpus * self.gpu.idle_watts

    @cached_property
    def prompts(self) -> PhaseTable:
        """Prompts: bound by compute but for a share."""
        return PhaseTable.of(self.gpu, Load(compute=1.0), compute_share=self.prompt_compute_share)

    @cached_property
    def decode(self) -> PhaseTable:
        """Decode: bound by memory but for a share."""
        return PhaseTable.of(self.gpu, Load(memory=1.0), compute_share=self.decode_compute_share)


@dataclass(frozen=True)
class PhaseTable:
    """One phase at every clock.

    Attributes:
        clocks: In MHz, rising.
        draw: Draw above idle, relative to that at the top clock.
        seconds: Time that the same work takes, relative to that at the top clock.
    """

    clocks: Floats
    draw: Floats
    seconds: Floats

    @classmethod
    def of(cls, gpu: GpuModel, load: Load, compute_share: float) -> PhaseTable:
        """Works the table out from the twin's curves."""
        lowest, highest = gpu.clocks.min_clock_mhz, gpu.clocks.max_clock_mhz
        clocks = np.arange(lowest, highest + 1, _STEP_MHZ, dtype=np.float64)
        draws = np.array([gpu.draw_watts(load, clock) - gpu.idle_watts for clock in clocks])
        compute = np.array([gpu.compute_speed(clock) for clock in clocks])
        memory = np.array([gpu.memory_speed(clock) for clock in clocks])
        seconds = compute_share / compute + (1.0 - compute_share) / memory
        return cls(clocks, draws / draws[-1], seconds)

    def clock_under(self, draw: Floats, most_clock: Floats) -> Floats:
        """Returns the clock that holds a draw above idle, relative to the top clock's; at most a ceiling."""
        return np.minimum(np.interp(draw, self.draw, self.clocks), most_clock)

    def at(self, clock: Floats) -> tuple[Floats, Floats]:
        """Returns draw and seconds at some clocks."""
        return np.interp(clock, self.clocks, self.draw), np.interp(clock, self.clocks, self.seconds)


A100_SERVER = Server()
"""Eight A100, as in the published rows."""
