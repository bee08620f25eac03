"""One device with its worker: what it was last seen as, what is under way, and what is wrong with it."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from functools import partial

from nodeagent.devices.device import Device, DeviceInfo, Reading
from nodeagent.devices.errors import DeadlineExceededError, DeviceError
from nodeagent.devices.worker import DeviceWorker
from nodeagent.guard.demand import RecentPeak
from nodeagent.guard.effect import Effect, EffectWindow
from nodeagent.guard.exposure import Exposure
from nodeagent.guard.model import GuardDevice
from nodeagent.hardware.fault import Fault, next_fault
from nodeagent.hardware.jobs import Change, change_and_read, disobeyed
from nodeagent.hardware.ownership import LimitOwner
from nodeagent.hardware.rounds import Look

log = logging.getLogger(__name__)

DEMAND_WINDOW_SECONDS = 3.0
"""A device keeps its room this long after it last used it: longer than the pauses inside one workload."""

WRITE_IGNORED = "WriteIgnored"


class ManagedDevice:
    """Starts calls on a device and takes in their answers; never waits for one.

    Args:
        device: The device.
        deadline_seconds: A call that takes longer counts as hanging.
        on_answer: Called after every answer, with the outcome of a write ("ok" or the reason), or None.
        clock: Monotonic seconds.
        lowered_by_watchdog: What the watchdog set on it last; None where it set nothing.
        original_watts: Its limit as first found; None where none is saved.
    """

    def __init__(
        self,
        device: Device,
        deadline_seconds: float,
        on_answer: Callable[[str | None], None],
        clock: Callable[[], float],
        lowered_by_watchdog: Callable[[], float | None] = lambda: None,
        original_watts: Callable[[], float | None] = lambda: None,
    ) -> None:
        self.info: DeviceInfo = device.info
        self.reading: Reading | None = None
        self.fault: Fault | None = None
        self.clock_fault: Fault | None = None
        self.change: Change | None = None
        self.given_back = False
        self.manager = ""
        self.weight = 1.0
        self._limit_owner = LimitOwner(self.info.nameplate_watts, lowered_by_watchdog, original_watts)
        self.exposure = Exposure(self.info.nameplate_watts, self.info.settle_seconds, clock())
        self._device = device
        self._deadline_seconds = deadline_seconds
        self._on_answer = on_answer
        self._clock = clock
        self._worker = DeviceWorker(self.info.id)
        self.effect = EffectWindow(self.info.one_second_excursion_ratio, self.info.settle_seconds)
        self._peak = RecentPeak(DEMAND_WINDOW_SECONDS)
        self._started = 0.0

    @property
    def busy(self) -> bool:
        """Whether a call is under way."""
        return self._worker.busy

    @property
    def limit_watts(self) -> int:
        """The limit that it was last seen to have; nameplate before the first look."""
        return self.info.nameplate_watts if self.reading is None else math.ceil(self.reading.limit_watts)

    @property
    def failed(self) -> bool:
        """Whether its limit cannot be relied on, and no mere look at it will change that."""
        return not self.info.limits_watts or self.fault is not None

    @property
    def known(self) -> bool:
        """Whether there is anything to say of it: it was seen, or it failed."""
        return self.failed or self.reading is not None

    @property
    def obeys(self) -> bool:
        """Whether its limit can be relied on."""
        return not self.failed and self.reading is not None

    @property
    def owner(self) -> str:
        """Who else sets it: then it is left alone, and counts at nameplate; empty where nobody does."""
        return self.manager or self._limit_owner.stranger

    @property
    def unenforceable(self) -> bool:
        """Whether it draws more than its limit in spite of it."""
        return self.obeys and self.effect.effect is Effect.UNENFORCEABLE

    @property
    def _uncontrolled_watts(self) -> int | None:
        # A device that failed may do anything; one that is merely not held counts at what it really draws.
        return math.ceil(self.effect.drawn_watts) if self.unenforceable and not self.owner else None

    def check(self) -> None:
        """Notices a call that hangs."""
        late = self._clock() - self._started
        hung = self.fault is not None and self.fault.reason == DeadlineExceededError.reason
        if self.busy and late > self._deadline_seconds and not hung:
            self._fail(DeadlineExceededError(f"no answer for {late:.1f} s"), on_write=False)

    def start_read(self) -> None:
        """Looks at the device on its own thread, unless a call is under way."""
        if not self.busy:
            self._start(self._device.read, None)

    def lend_look(self) -> Look | None:
        """Returns a look that somebody else shall do; None where a call is under way."""
        if self.busy:
            return None
        self._started = self._clock()
        self.change = None
        look = Look(self._device.read, self._worker.lend())
        look.future.add_done_callback(partial(self._answered, None))
        return look

    def take_back(self, look: Look) -> None:
        """Does a look, which nobody came to, on the device's own thread."""
        self._worker.run(look.call, look.future)

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
        return GuardDevice(
            id=self.info.id,
            floor_watts=self.info.floor_watts,
            nameplate_watts=self.info.nameplate_watts,
            excursion_ratio=self.info.one_second_excursion_ratio,
            limit_watts=self.limit_watts,
            exposure_watts=self.exposure.bound_watts(self._clock()),
            demand_watts=self._peak.watts,
            set_point_watts=set_point_watts,
            weight=self.weight,
            writable=self.obeys and not self.unenforceable and not self.owner,
            uncontrolled_watts=self._uncontrolled_watts,
        )

    def close(self) -> None:
        """Lets go of the device; its settings stay as they are."""
        if not self.busy:
            self._device.close()
        self._worker.close()

    def _start(self, call: Callable[[], Reading], change: Change | None) -> None:
        self._started = self._clock()
        self.change = change
        self._worker.submit(call).add_done_callback(partial(self._answered, change))

    def _answered(self, change: Change | None, future: asyncio.Future[Reading]) -> None:
        if future.cancelled():
            return
        self.change = None
        error = future.exception()
        if error is None:
            outcome = self._seen(future.result(), change)
        else:
            failure = error if isinstance(error, DeviceError) else DeviceError(repr(error))
            self._refused(failure, change)
            outcome = failure.reason
        self._on_answer(None if change is None else outcome)

    def _refused(self, error: DeviceError, change: Change | None) -> None:
        if change is not None and change.sets_clock:
            self.clock_fault = next_fault(
                self.clock_fault, error.reason, str(error), on_write=True, now=self._clock()
            )
        else:
            self._fail(error, on_write=change is not None)

    def _seen(self, reading: Reading, change: Change | None) -> str:
        now = self._clock()
        self.reading = reading
        self.exposure.seen(math.ceil(reading.limit_watts), now)
        self._peak.add(reading.draw_watts, now)
        self.effect.add(reading.draw_watts, reading.limit_watts, now)
        wrong = disobeyed(change, reading) if change is not None else ""
        if change is not None and change.sets_clock:
            self.clock_fault = (
                next_fault(self.clock_fault, WRITE_IGNORED, wrong, on_write=True, now=now) if wrong else None
            )
        elif wrong:
            self._note(next_fault(self.fault, WRITE_IGNORED, wrong, on_write=True, now=now))
        elif self.fault is not None and (change is not None or not self.fault.on_write):
            log.info("device answers again", extra={"device": self.info.id})
            self.fault = None
        self._note_owner(reading, change)
        self.given_back = self.given_back or (change is not None and change.settings is not None)
        return WRITE_IGNORED if wrong else "ok"

    def _note_owner(self, reading: Reading, change: Change | None) -> None:
        before = self._limit_owner.stranger
        if change is not None and change.settings is not None:
            self._limit_owner.let_go()
        elif change is not None and change.watts is not None:
            self._limit_owner.wrote(reading.requested_watts)
        elif change is None:
            self._limit_owner.seen(reading.requested_watts)
        if self._limit_owner.stranger and not before:
            details = {"device": self.info.id, "owner": self._limit_owner.stranger}
            log.warning("device left alone; counted at nameplate", extra=details)

    def _fail(self, error: DeviceError, *, on_write: bool) -> None:
        still_on_write = on_write or (self.fault is not None and self.fault.on_write)
        self._note(
            next_fault(self.fault, error.reason, str(error), on_write=still_on_write, now=self._clock())
        )

    def _note(self, fault: Fault) -> None:
        if self.fault is None or self.fault.reason != fault.reason:
            details = {"device": self.info.id, "reason": fault.reason, "error": fault.message}
            log.warning("device failed; counted at nameplate", extra=details)
        self.fault = fault
