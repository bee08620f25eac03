"""One replay: a row, its load and a controller, step by step."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from common.replay.control import Command, Controller, View
from common.replay.load import Indices, Requests, priorities
from common.replay.profile import Floats, ServingProfile
from common.replay.row import Limits, Row
from common.replay.server import Server

STEP_SECONDS = 0.25
_STEPS_PER_SECOND = round(1.0 / STEP_SECONDS)


@dataclass(frozen=True)
class Replay:
    """What is replayed; the same for every controller.

    Attributes:
        server: What each server of the row is made of.
        profile: What serving costs.
        requests: What is asked.
        ramp: How the draw rises at a start.
    """

    server: Server
    profile: ServingProfile
    requests: Requests
    ramp: Floats

    @property
    def servers(self) -> int:
        """How many there are."""
        return len(self.requests.started)


@dataclass(frozen=True)
class Recording:
    """What happened.

    Attributes:
        watts: Mean draw of the row in each second.
        latency: Of each request in seconds; NaN where it was not done in time.
        priority: Of each request.
        tokens: Made for each priority, ``{priority: tokens}``.
        actions: How many limits were changed, one per server and command.
    """

    watts: Floats
    latency: Floats
    priority: Indices
    tokens: dict[int, float]
    actions: int


def run(replay: Replay, controller: Controller | None) -> Recording:
    """Replays the requests under a controller; without one nothing is limited."""
    row = Row(replay.server, replay.profile, replay.requests, replay.ramp)
    loop = _Loop(controller, row.idle_watts)
    seconds = int(replay.requests.span_seconds)
    watts = np.zeros(seconds)
    for second in range(seconds):
        drawn = np.zeros(replay.servers)
        for part in range(_STEPS_PER_SECOND):
            now = second + part * STEP_SECONDS
            drawn += row.step(now, STEP_SECONDS, loop.in_force(now))
        drawn /= _STEPS_PER_SECOND
        watts[second] = drawn.sum()
        loop.look(second + 1.0, drawn)
    rank = priorities(replay.servers)
    return Recording(
        watts=watts,
        latency=row.done_at - replay.requests.seconds,
        priority=rank[replay.requests.server],
        tokens={int(each): float(row.tokens[rank == each].sum()) for each in np.unique(rank)},
        actions=loop.actions,
    )


class _Loop:
    """Telemetry on its way to the controller, and commands on their way back."""

    def __init__(self, controller: Controller | None, idle: Floats) -> None:
        self._controller = controller
        self._seen: deque[tuple[float, Floats]] = deque()
        self._draw = idle
        self._commanded = self._limits = Limits.none(len(idle))
        self._on_their_way: list[Command] = []
        self._next = 0.0
        self.actions = 0

    def in_force(self, now: float) -> Limits:
        """Returns the limits that devices obey now."""
        while self._on_their_way and self._on_their_way[0].at <= now:
            self._limits = self._on_their_way.pop(0).limits
        return self._limits

    def look(self, now: float, drawn: Floats) -> None:
        """Hands the draw of a second on, and lets the controller decide when it is its turn."""
        if self._controller is None:
            return
        self._arrive(now, drawn)
        if now >= self._next:
            self._next = now + self._controller.actuation.period_seconds
            view = View(now, self._draw, self._commanded)
            command = self._controller.decide(view)
            if command is not None:
                self._send(command)

    def _arrive(self, now: float, drawn: Floats) -> None:
        assert self._controller is not None
        self._seen.append((now, drawn))
        while self._seen and self._seen[0][0] <= now - self._controller.actuation.telemetry_seconds:
            at, self._draw = self._seen.popleft()
            self._controller.observe(at, self._draw)

    def _send(self, command: Command) -> None:
        """Queues a command; one that is faster than those on their way (a brake) overtakes and ends them."""
        before = self._commanded
        after = command.limits
        self.actions += int(((after.watts != before.watts) | (after.clock != before.clock)).sum())
        self._commanded = command.limits
        self._on_their_way = [one for one in self._on_their_way if one.at <= command.at]
        self._on_their_way.append(command)
