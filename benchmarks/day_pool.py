"""The replicas of one service as a fluid: requests wait, run and are done; replicas start and stop.

Rates within a step are even and load is spread evenly over the replicas that serve. Prompts take their share
of a server's time, all requests that decode share its batch; both slow down and draw less under a limit as
the tables of ``common.replay.server`` say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.day_kinds import MOST_PROMPT_SHARE, ServiceKind
from common.replay.server import PhaseTable
from common.twin.phases import StartPhase

STOP_SECONDS = 30.0
"""From the end of a replica's service until it is gone: the grace period of a pod."""


@dataclass
class Settings:
    """What a replica is set to: a limit on its server in watts, clocks relative to the top."""

    limit_watts: float = np.inf
    speed: float = 1.0


@dataclass(frozen=True)
class Served:
    """What happened in a step.

    Attributes:
        watts: Mean draw of all servers of the service.
        tokens: Generated.
        token_seconds: Between the tokens of a request.
        started: Requests whose prompts were begun.
        waited_seconds: By those.
        running: Requests at once, of all replicas together.
    """

    watts: float = 0.0
    tokens: float = 0.0
    token_seconds: float = 0.0
    started: float = 0.0
    waited_seconds: float = 0.0
    running: float = 0.0


class Pool:
    """Steps one service.

    Args:
        kind: Which.
        replicas: That serve at the beginning.
    """

    def __init__(self, kind: ServiceKind, replicas: int) -> None:
        self.kind = kind
        self.settings = Settings()
        self.bound = replicas
        self.ready = replicas
        self.waiting = 0.0
        self.running = 0.0
        self._starting: list[float] = []
        self._stopping: list[float] = []
        load = StartPhase().load_at(StartPhase().rise_seconds)
        assert load is not None
        gpu = kind.server.gpu
        self._start_watts = kind.server.rest_watts + kind.server.gpus * gpu.draw_watts(
            load, gpu.clocks.max_clock_mhz
        )

    @property
    def alive(self) -> int:
        """Replicas that draw: serving, starting, stopping."""
        return self.ready + len(self._starting) + len(self._stopping)

    def scale(self, replicas: int) -> None:
        """Sets how many replicas there shall be; those that do not serve yet are stopped first."""
        self.bound = replicas
        more = replicas - self.ready - len(self._starting)
        if more > 0:
            self._starting += [self.kind.load_seconds] * more
        for _ in range(max(0, -more)):
            if self._starting:
                self._starting.remove(max(self._starting))
            else:
                self.ready -= 1
            self._stopping.append(STOP_SECONDS)

    def step(self, dt: float, arrived: float) -> Served:
        """Serves for ``dt`` seconds in which so many requests arrive."""
        self.waiting += arrived
        served = self._serve(dt) if self.ready else Served()
        others = self._draw_of_others()
        self._age(dt)
        return replace(served, watts=served.watts + others)

    def _serve(self, dt: float) -> Served:
        kind, count = self.kind, float(self.ready)
        prompt_draw, prompt_slower = self._phase(kind.server.prompts, kind.prompt_watts)
        batch = max(1.0, self.running / count)
        decode_draw, decode_slower = self._phase(kind.server.decode, kind.decode_watts(batch))
        each = kind.prompt_seconds * prompt_slower
        room = max(0.0, count * kind.most_requests - self.running)
        started = min(self.waiting, room, MOST_PROMPT_SHARE * count * dt / each)
        waited = (self.waiting / started - 1.0) * dt if started > 0 else 0.0
        self.waiting -= started
        self.running += started
        share = started * each / (count * dt)
        batch = self.running / count
        step = float(np.interp(max(1.0, batch), kind.profile.batches, kind.profile.token_seconds))
        pace = step * decode_slower / (1.0 - share)
        tokens = min(self.running * dt / pace, self.running * kind.output_tokens)
        self.running -= tokens / kind.output_tokens
        busy = (1.0 - share) * min(1.0, batch)
        gpu = share * prompt_draw + busy * decode_draw
        watts = count * (kind.server.idle_watts + kind.server.gpus * gpu)
        return Served(watts, tokens, pace, started, waited, batch * count)

    def _phase(self, table: PhaseTable, watts: float) -> tuple[float, float]:
        """Returns what a GPU draws above idle in a phase under the settings, and how much longer it takes."""
        server = self.kind.server
        above = (self.settings.limit_watts - server.rest_watts) / server.gpus - server.gpu.idle_watts
        top = server.gpu.clocks.max_clock_mhz * self.settings.speed
        clock = table.clock_under(np.asarray(above / watts), np.asarray(top))
        relative, seconds = table.at(clock)
        return float(relative) * watts, float(seconds)

    def _draw_of_others(self) -> float:
        starting = max(self.kind.server.idle_watts, min(self._start_watts, self.settings.limit_watts))
        return len(self._starting) * starting + len(self._stopping) * self.kind.server.idle_watts

    def _age(self, dt: float) -> None:
        starting = [left - dt for left in self._starting]
        self.ready += sum(left <= 0 for left in starting)
        self._starting = [left for left in starting if left > 0]
        self._stopping = [left - dt for left in self._stopping if left > dt]
