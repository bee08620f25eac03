"""Controllers of a row: what is seen, how late; what is decided; how late that is in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from common.algorithms.errors import AlgorithmError
from common.algorithms.protocol import NO_PARENT, Algorithm, CapTree, DemandLevel, Snapshot, Watts
from common.replay.load import HIGH, Indices
from common.replay.profile import Floats
from common.replay.row import UNLIMITED, Limits
from common.replay.server import Server

_AT_LIMIT = 0.97
"""A server that draws this share of its limit is taken to want more."""
_ASK_MARGIN = 1.1


@dataclass(frozen=True)
class Actuation:
    """How fast a controller is.

    Attributes:
        period_seconds: Between two decisions.
        telemetry_seconds: How old the draw is that it decides on.
        latency_seconds: From a decision until the devices obey it.
    """

    period_seconds: float
    telemetry_seconds: float
    latency_seconds: float

    @property
    def horizon_seconds(self) -> float:
        """The longest time from a rise until what follows from it is in force."""
        return self.period_seconds + self.telemetry_seconds + self.latency_seconds


IN_BAND = Actuation(period_seconds=5.0, telemetry_seconds=1.0, latency_seconds=0.2)
"""Ours: the recommender's cycle (its default), meters at 1 Hz, and what ``benchmarks loop`` measures as the
99th percentile from a write to the devices, rounded up."""
OUT_OF_BAND = Actuation(period_seconds=2.0, telemetry_seconds=2.0, latency_seconds=40.0)
"""POLCA's: a row manager that reads every 2 s, and sets clocks through the baseboard controllers in 40 s."""


@dataclass(frozen=True)
class View:
    """What a controller sees.

    Attributes:
        now: Seconds since the start.
        draw: Watts of each server, over a second.
        commanded: What it has asked for so far.
    """

    now: float
    draw: Floats
    commanded: Limits


@dataclass(frozen=True)
class Command:
    """Limits, and when they are in force."""

    at: float
    limits: Limits


class Controller(Protocol):
    """Decides on limits."""

    @property
    def actuation(self) -> Actuation:
        """How fast it is."""
        ...

    def observe(self, now: float, draw: Floats) -> None:
        """Takes the draw of every server over each second, as late as telemetry is."""
        ...

    def decide(self, view: View) -> Command | None:
        """Returns what changes; None for nothing."""
        ...


@dataclass(frozen=True)
class RowFacts:
    """What does not change during a replay.

    Attributes:
        server: What each is made of.
        priority: Of each server.
        cap_watts: Of the row.
    """

    server: Server
    priority: Indices
    cap_watts: float

    def snapshot(self, view: View, cap_watts: float, margin: float = _ASK_MARGIN) -> Snapshot:
        """Returns the row as algorithms see it.

        Args:
            view: What is seen of it now.
            cap_watts: What is to be divided; the row's cap, or what may be promised instead.
            margin: What a server that is not at its limit asks for, over its draw.
        """
        count = len(self.priority)
        floor = np.full(count, int(np.ceil(self.server.floor_watts)))
        ceiling = np.full(count, int(self.server.provisioned_watts))
        current = np.where(np.isfinite(view.commanded.watts), view.commanded.watts, ceiling).astype(np.int64)
        clocks = np.where(np.isfinite(view.commanded.clock), view.commanded.clock, 0).astype(np.int64)
        draw = np.rint(view.draw).astype(np.int64)
        return Snapshot(
            caps=CapTree(("row",), np.array([NO_PARENT]), np.array([int(cap_watts)])),
            members=tuple(f"server-{number}" for number in range(count)),
            group=np.zeros(count, dtype=np.int64),
            floor_watts=floor,
            ceiling_watts=ceiling,
            draw_watts=draw,
            demand=_levels(_asked(draw, current, margin, (floor, ceiling)), self.priority),
            current_watts=current,
            max_frequency=np.full(count, self.server.gpu.clocks.max_clock_mhz),
            throttle=bool(draw.sum() >= 0.9 * self.cap_watts),
            priority=self.priority,
            current_frequency=clocks,
        )


class AlgorithmControl:
    """Any algorithm as it is: its limits are in force a latency later, and sum to the cap at most.

    Args:
        facts: Of the row.
        algorithm: Which one.
        parameters: Every one that it declares.
        actuation: How fast.
    """

    def __init__(
        self, facts: RowFacts, algorithm: Algorithm, parameters: Mapping[str, float], actuation: Actuation
    ) -> None:
        self._facts = facts
        self._algorithm = algorithm
        self._parameters = parameters
        self.actuation = actuation
        self.failures: list[str] = []

    def observe(self, now: float, draw: Floats) -> None:
        """Algorithms have no memory: the last draw is all that they see."""

    def decide(self, view: View) -> Command | None:
        """Asks the algorithm for a plan; where it fails, what it said last stays."""
        snapshot = self._facts.snapshot(view, self._facts.cap_watts)
        try:
            plan = self._algorithm.plan(snapshot, self._parameters)
        except AlgorithmError as error:
            self.failures.append(str(error))
            return None
        watts, clock = view.commanded.watts, view.commanded.clock
        if plan.watts is not None:
            watts = plan.watts.astype(np.float64)
        if plan.frequency is not None:
            clock = np.where(plan.frequency > 0, plan.frequency, UNLIMITED).astype(np.float64)
        return changed(view, Limits(watts, clock), self.actuation.latency_seconds)


def changed(view: View, limits: Limits, delay: float) -> Command | None:
    """Returns a command, unless it would say what was said before."""
    same = np.array_equal(limits.watts, view.commanded.watts)
    if same and np.array_equal(limits.clock, view.commanded.clock):
        return None
    return Command(view.now + delay, limits)


def _asked(draw: Watts, current: Watts, margin: float, bounds: tuple[Watts, Watts]) -> Watts:
    """Who draws what its limit allows wants its ceiling, the others what they draw and a margin."""
    floor, ceiling = bounds
    wanted = np.where(draw >= _AT_LIMIT * current, ceiling, np.ceil(margin * draw).astype(np.int64))
    return np.asarray(np.clip(wanted, floor, ceiling) - floor)


def _levels(asked: Watts, priority: Indices) -> tuple[DemandLevel, ...]:
    """Returns what is asked for by priority, the highest first."""
    ranks = sorted(set(priority.tolist()), reverse=True) or [HIGH]
    return tuple(DemandLevel(rank, np.where(priority == rank, asked, 0)) for rank in ranks)
