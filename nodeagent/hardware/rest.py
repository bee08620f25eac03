"""Reads what meters the rest of the node, and has it learned from; a meter that hangs delays nobody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from nodeagent.devices.device import NodeMeter, RestMeter
from nodeagent.devices.worker import DeviceWorker
from nodeagent.guard.restbound import RestBound
from nodeagent.guard.restlearning import LearnedRest
from nodeagent.hardware.managed import ManagedDevice
from nodeagent.hardware.noderest import NodeRest
from nodeagent.state.knowledge import RestKnowledge

log = logging.getLogger(__name__)

_PERIOD_SECONDS = 0.5


class RestReader:
    """Keeps the bound on the rest up to date.

    Args:
        bound: What is learned into.
        meter: A meter of the rest, or one of the whole node; None where there is neither.
        clock: Monotonic seconds.
        knowledge: Where what was learned is kept; None to keep nothing.
    """

    def __init__(
        self,
        bound: RestBound,
        meter: RestMeter | NodeMeter | None,
        clock: Callable[[], float],
        knowledge: RestKnowledge | None = None,
    ) -> None:
        self.bound = bound
        self.problem = ""
        self.news = False
        self._meter = meter
        self._node_rest = None if meter is None or isinstance(meter, RestMeter) else NodeRest(meter)
        self._clock = clock
        self._knowledge = knowledge
        self._next_at = float("-inf")
        self._worker = DeviceWorker("rest")

    def is_due(self, now: float) -> bool:
        """Whether the meter is to be looked at; what devices have answered must have been taken in before."""
        return self._meter is not None and now >= self._next_at and not self._worker.busy

    def start_read(self, devices: Sequence[ManagedDevice]) -> None:
        """Looks at the meter, unless a look is under way or was just made.

        Args:
            devices: All devices of the node, for what they draw at the same time.
        """
        meter, now = self._meter, self._clock()
        if meter is None or not self.is_due(now):
            return
        self._next_at = now + _PERIOD_SECONDS
        read = meter.read_watts if isinstance(meter, RestMeter) else meter.read_energy_millijoules
        self._worker.submit(read).add_done_callback(lambda future: self._answered(future, devices))

    def close(self) -> None:
        """Ends the worker."""
        self._worker.close()

    def _answered(
        self, future: asyncio.Future[float] | asyncio.Future[int], devices: Sequence[ManagedDevice]
    ) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is not None:
            self._note(f"the meter of the node fails, so the highest that its rest can draw counts: {error}")
            self.bound.lost()
            return
        self._take(future.result(), devices)

    def _take(self, value: float, devices: Sequence[ManagedDevice]) -> None:
        now = self._clock()
        if self._node_rest is None:
            self._learn(value, _drawn_watts(devices), now)
        elif (seen := self._node_rest.add(int(value), devices, now)) is not None:
            self._learn(seen.rest_watts, seen.device_watts, now)

    def _learn(self, rest_watts: float, device_watts: float, now: float) -> None:
        if rest_watts <= 0.0:
            self._note("the meter of the node says less than its devices draw: it does not cover them all")
            self.bound.refuse()
            return
        self._note("")
        before = self.bound.model(now)
        self.bound.add(rest_watts, device_watts, now)
        self.news = self.news or self.bound.model(now) != before
        learned: LearnedRest | None = self.bound.learned
        if self._knowledge is not None and learned is not None:
            self._knowledge.keep(learned, now)

    def _note(self, problem: str) -> None:
        if problem and problem != self.problem:
            log.warning("node meter", extra={"why": problem})
        self.problem = problem


def _drawn_watts(devices: Sequence[ManagedDevice]) -> float:
    """A device that fails counts as drawing nothing: then less is known to be covered by the bound."""
    return sum(d.reading.draw_watts for d in devices if d.reading is not None and d.fault is None)
