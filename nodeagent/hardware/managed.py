"""One device with its worker: what it was last seen as, what is under way, and what is wrong with it."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from functools import partial

from nodeagent.devices.device import Device, DeviceInfo, Reading
from nodeagent.devices.errors import DeviceError
from nodeagent.devices.worker import DeviceWorker
from nodeagent.guard.demand import RecentPeak
from nodeagent.guard.effect import Effect, EffectWindow
from nodeagent.guard.exposure import Exposure
from nodeagent.guard.model import GuardDevice
from nodeagent.hardware.fault import Fault
from nodeagent.hardware.faults import WRITE_IGNORED, DeviceFaults
from nodeagent.hardware.jobs import Calls, Change, change_and_read, disobeyed
from nodeagent.hardware.ownership import UNSAVED, LimitOwner, SavedLimits
from nodeagent.hardware.rounds import Answer, Look

log = logging.getLogger(__name__)

DEMAND_WINDOW_SECONDS = 3.0
"""A device keeps its room this long after it last used it: longer than the pauses inside one workload."""
_DEMAND_STEP_RATIO = 0.02
"""A peak that moved by less of the nameplate would not move a limit."""


class ManagedDevice:
    """Starts calls on a device and takes in their answers; never waits for one.

    Args:
        device: The device.
        calls: How calls are made.
        saved: What is known of its limit from before.

    Attributes:
        news: Something changed that a decision may depend on; whoever decided takes it back.
        left_alone: Why its settings were not put back as found; empty where they were, or are still held.
    """

    def __init__(self, device: Device, calls: Calls, saved: SavedLimits = UNSAVED) -> None:
        self.info: DeviceInfo = device.info
        self.reading: Reading | None = None
        self.change: Change | None = None
        self.changed_at = float("-inf")
        self.given_back = False
        self.news = True
        self.manager = ""
        self.left_alone = ""
        self.weight = 1.0
        self._device = device
        self._calls = calls
        self._saved = saved
        self._worker = DeviceWorker(self.info.id)
        self._look = Look(device.read, self._is_news, self._look_answered)
        self._started = 0.0
        self._faults = DeviceFaults(self.info.id, calls.clock)
        self._peak = RecentPeak(DEMAND_WINDOW_SECONDS)
        self._meet()

    def _meet(self) -> None:
        self.exposure = Exposure(self.info.nameplate_watts, self.info.settle_seconds, self._calls.clock())
        self.effect = EffectWindow(self.info.one_second_excursion_ratio, self.info.settle_seconds)
        self._limit_owner = LimitOwner(self.info.nameplate_watts, self._saved)

    def doubt(self) -> None:
        """The machine was away (a new boot, a sleep): nothing that was seen or written before counts."""
        self.reading = None
        self.news = True
        self._meet()

    @property
    def fault(self) -> Fault | None:
        """What is wrong with the device, or with its watt limit."""
        return self._faults.fault

    @property
    def clock_fault(self) -> Fault | None:
        """What is wrong with its clock ceiling."""
        return self._faults.clock_fault

    @property
    def busy(self) -> bool:
        """Whether a call is under way."""
        return self._look.pending > 0 or self._worker.busy

    @property
    def is_working(self) -> bool:
        """Whether a call is under way on its own thread: then nobody else may look at it."""
        return self._worker.busy

    @property
    def limit_watts(self) -> int:
        """The limit that it was last seen to have; nameplate before the first look."""
        return self.info.nameplate_watts if self.reading is None else math.ceil(self.reading.held_watts)

    @property
    def failed(self) -> bool:
        """Whether its limit cannot be relied on, and no mere look at it will change that."""
        return not self.info.limits_watts or self._faults.fault is not None

    @property
    def known(self) -> bool:
        """Whether there is anything to say of it: it was seen, or it failed."""
        return self.reading is not None or self.failed

    @property
    def obeys(self) -> bool:
        """Whether its limit can be relied on."""
        return self.reading is not None and not self.failed

    @property
    def owner(self) -> str:
        """Who else sets it: then it is left alone, and counts at nameplate; empty where nobody does."""
        return self.manager or self._limit_owner.stranger

    @property
    def unenforceable(self) -> bool:
        """Whether it draws more than its limit in spite of it."""
        return self.effect.effect is Effect.UNENFORCEABLE and self.obeys

    @property
    def demand_moved(self) -> bool:
        """Whether its demand is another one than at the last decision, by more than limits are moved for."""
        return self._peak.moved_watts > _DEMAND_STEP_RATIO * self.info.nameplate_watts

    def check(self, now: float) -> None:
        """Notices a call that hangs."""
        started = self._look.started if self._look.pending else self._started
        if now - started > self._calls.deadline_seconds and self.busy:
            before = self._faults.fault
            self._faults.hangs(now - started)
            self.news = self.news or self._faults.fault is not before

    def let_go(self) -> None:
        """Nothing holds it any more: whatever it is set to from here on is not for us to judge."""
        self._limit_owner.let_go()

    def start_read(self, now: float) -> None:
        """Looks at the device on its own thread, unless a call is under way; notices one that hangs."""
        if self.busy:
            self.check(now)
        else:
            self._start(self._device.read, None)

    def lend_look(self, now: float) -> Look | None:
        """Returns a look that somebody else shall do; None where a call is under way, which may hang."""
        if self.busy:
            self.check(now)
            return None
        self._look.ask(now)
        return self._look

    def take_back(self, look: Look) -> None:
        """Does a look, which nobody came to, on the device's own thread."""
        look.pending -= 1
        self._start(look.call, None)

    def start_change(self, change: Change) -> None:
        """Writes and reads back, unless a call is under way."""
        if self.busy:
            return
        self.given_back = False
        if change.watts is not None:
            self.exposure.sent(math.ceil(change.watts))
            self._limit_owner.asks(change.watts)
        if change.settings is not None:
            # Only the driver knows which limit is among them.
            self.exposure.sent(self.info.nameplate_watts)
        self._start(partial(change_and_read, self._device, change), change)

    def guard_view(self, set_point_watts: int | None) -> GuardDevice:
        """Returns the device as the guard sees it now."""
        self._peak.note()
        # A device that failed may do anything; one that is merely not held counts at what it really draws.
        drawn = math.ceil(self.effect.drawn_watts) if self.unenforceable and not self.owner else None
        return GuardDevice(
            id=self.info.id,
            floor_watts=self.info.floor_watts,
            nameplate_watts=self.info.nameplate_watts,
            excursion_ratio=self.info.one_second_excursion_ratio,
            limit_watts=self.limit_watts,
            exposure_watts=self.exposure.bound_watts(self._calls.clock()),
            demand_watts=self._peak.watts,
            set_point_watts=set_point_watts,
            weight=self.weight,
            writable=self.obeys and not self.unenforceable and not self.owner,
            uncontrolled_watts=drawn,
        )

    def close(self) -> None:
        """Lets go of the device; its settings stay as they are."""
        if not self.busy:
            self._device.close()
        self._worker.close()

    def _start(self, call: Callable[[], Reading], change: Change | None) -> None:
        self._started = self._calls.clock()
        self.change = change
        self._worker.submit(call).add_done_callback(partial(self._future_done, change))

    def _future_done(self, change: Change | None, future: asyncio.Future[Reading]) -> None:
        if not future.cancelled():
            error = future.exception()
            self._answered(change, None if error else future.result(), error)

    def _look_answered(self, answer: Answer) -> None:
        reading = answer.reading
        # What was no news may be by now: the device was doubted, or taken for hanging.
        judged = answer.is_news or self.reading is None or self._faults.fault is not None
        if judged or reading is None:
            self._answered(None, reading, answer.error)
            return
        before, self.reading = self.effect.effect, reading
        self._note_draw(reading, answer.at)
        self.news = self.news or self.effect.effect is not before

    def _is_news(self, reading: Reading) -> bool:
        """Whether a look shows more than other live figures of a device that nothing is wrong with."""
        seen = self.reading
        if seen is None or self._faults.fault is not None or self._limit_owner.stranger:
            return True
        highest = reading.limit_watts * (1.0 + self.info.one_second_excursion_ratio)
        return reading.draw_watts > highest or not reading.is_set_as(seen)

    def _answered(self, change: Change | None, reading: Reading | None, error: BaseException | None) -> None:
        self.change = None
        before = self._standing
        if reading is not None:
            outcome = self._seen(reading, change)
        else:
            failure = error if isinstance(error, DeviceError) else DeviceError(repr(error))
            self._faults.refused(failure, change)
            outcome = failure.reason
        self.news = self.news or change is not None or self._standing != before
        if change is not None:
            self._calls.on_answer(outcome)

    @property
    def _standing(self) -> tuple[object, ...]:
        """All of it that a decision depends on, but for its draw."""
        seen = self.reading
        limits = () if seen is None else (seen.limit_watts, seen.requested_watts, seen.clock_limit_mhz)
        faults = _kind(self._faults.fault), _kind(self._faults.clock_fault)
        return limits, faults, self.effect.effect, self.owner

    def _note_draw(self, reading: Reading, now: float) -> None:
        self._peak.add(reading.draw_watts, now)
        self.effect.add(reading.draw_watts, reading.limit_watts, now)

    def _seen(self, reading: Reading, change: Change | None) -> str:
        now = self._calls.clock()
        self.reading = reading
        self.exposure.seen(math.ceil(reading.held_watts), now)
        self._note_draw(reading, now)
        wrong = disobeyed(change, reading) if change is not None else ""
        self._faults.answered(change, wrong)
        self._note_owner(reading, change)
        if change is not None:
            self.changed_at = now
            self.given_back = self.given_back or change.settings is not None
        return WRITE_IGNORED if wrong else "ok"

    def _note_owner(self, reading: Reading, change: Change | None) -> None:
        before = self._limit_owner.stranger
        if change is None:
            self._limit_owner.seen(reading.requested_watts)
        elif change.settings is not None:
            self._limit_owner.let_go()
        elif change.watts is not None:
            self._limit_owner.wrote(reading.requested_watts)
        if self._limit_owner.stranger and not before:
            details = {"device": self.info.id, "owner": self._limit_owner.stranger}
            log.warning("device left alone; counted at nameplate", extra=details)


def _kind(fault: Fault | None) -> tuple[str, bool] | None:
    """What of a fault is no news when the next look fails alike."""
    return None if fault is None else (fault.reason, fault.on_write)
