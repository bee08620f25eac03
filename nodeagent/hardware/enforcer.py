"""Brings the devices to what shall be, one safe step at a time; never waits for a device."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from nodeagent.devices.device import SAME_LIMIT_WATTS, DeviceSet
from nodeagent.guard.governor import Governor
from nodeagent.guard.model import GuardDevice, charge_watts
from nodeagent.guard.order import writes_now
from nodeagent.guard.split import Split
from nodeagent.hardware.clocklocks import ClockLocks
from nodeagent.hardware.jobs import Change
from nodeagent.hardware.managed import ManagedDevice
from nodeagent.hardware.ownership import node_manager
from nodeagent.hardware.rounds import Look, RoundReader
from nodeagent.hardware.standing import Standing, take_standing
from nodeagent.hardware.targets import Targets, choose_targets
from nodeagent.obedience.verdict import Verdict
from nodeagent.setpoints import SetPoints, clamped_watts
from nodeagent.state.store import Original, StateStore

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EnforcerSettings:
    """How devices are driven.

    Attributes:
        period_seconds: Time between two looks at a device.
        deadline_seconds: A device call that takes longer counts as hanging.
        dry_run: Decide and log, write nothing.
    """

    period_seconds: float
    deadline_seconds: float
    dry_run: bool = False


class Enforcer:
    """Owns the managed devices.

    Args:
        hardware: The devices of the node, and the bound on all else.
        store: Originals are saved here before the first write.
        governor: Splits budgets.
        settings: How devices are driven.
        clock: Monotonic seconds.
        on_answer: Called after every answer of a device, with the outcome of a write or None.
    """

    def __init__(
        self,
        hardware: DeviceSet,
        store: StateStore,
        governor: Governor,
        settings: EnforcerSettings,
        clock: Callable[[], float],
        on_answer: Callable[[str | None], None],
    ) -> None:
        self.devices = [
            ManagedDevice(
                d,
                settings.deadline_seconds,
                on_answer,
                clock,
                partial(store.lowered_by_watchdog, d.info.id),
                partial(store.original_watts, d.info.id),
            )
            for d in hardware.devices
        ]
        self.rest_watts = hardware.rest_bound_watts
        self.problem = ""
        self.nameplate_watts = self.rest_watts + sum(
            charge_watts(d.info.nameplate_watts, d.info.one_second_excursion_ratio) for d in self.devices
        )
        self._infos = {device.info.id: device.info for device in self.devices}
        self._by_id = {device.info.id: device for device in self.devices}
        self._store = store
        self._governor = governor
        self._settings = settings
        self._clock = clock
        self._read_at = float("-inf")
        self._rounds = RoundReader()
        self._locks = ClockLocks()
        self._lent: dict[str, Look] = {}
        self._apart: set[str] = set()
        self._announced: dict[str, Change] = {}

    def step(self, verdict: Verdict, points: SetPoints) -> Standing:
        """Starts every write that is safe now, and a look at each device whose turn it is."""
        for device in self.devices:
            device.check()
        targets = choose_targets(verdict.course, self._infos, points, self._store.originals)
        if verdict.budget_watts is not None and verdict.may_raise:
            targets = self._locks.applied(targets, self.devices)
        views = self._views(verdict, points)
        split = self._split(verdict, views)
        if split is not None and not self._settings.dry_run:
            # All at once: the watchdog lowers what is saved, and saves nothing itself.
            self._keep_originals([d for d in self.devices if d.reading is not None and not d.owner])
        changes = self._changes(verdict, targets, split, views)
        if changes:
            self._write(changes)
            views = self._views(verdict, points)
        self._look()
        failed = {d.info.id for d in self.devices if d.failed or d.unenforceable or d.owner}
        return take_standing(views, failed, self.rest_watts, targets, split)

    def note_managers(self, labels: Mapping[str, str], other_agents: Mapping[str, str]) -> None:
        """Leaves alone what others claim: by the Node's labels or annotations, or by those of a pod on a GPU.

        Args:
            labels: The Node's labels and annotations.
            other_agents: Who claims a device by an annotation of a pod, by device.
        """
        for device in self.devices:
            claimed = node_manager(device.info.kind, labels) or other_agents.get(device.info.id, "")
            device.manager = claimed

    def note_weights(self, weights: Mapping[str, float]) -> None:
        """Weighs devices against each other where watts are contested."""
        for device in self.devices:
            device.weight = weights.get(device.info.id, 1.0)

    def forget_restored(self, targets: Targets) -> bool:
        """Drops the originals of devices that are as they were found; whether all that shall be are."""
        if self._store.broken:
            self._report(self._store.broken)
            return False
        back = {name for name in targets.restored if self._is_restored(name)}
        try:
            self._store.forget_originals(back)
        except OSError as error:
            self._report(f"saved originals could not be dropped: {error}")
            return False
        return back == targets.restored

    def close(self) -> None:
        """Lets go of the devices; their settings stay as they are."""
        self._rounds.close()
        for device in self.devices:
            device.close()

    def _views(self, verdict: Verdict, points: SetPoints) -> list[GuardDevice]:
        budgeted = verdict.budget_watts is not None
        return [
            device.guard_view(clamped_watts(points.of(device.info.id), device.info) if budgeted else None)
            for device in self.devices
        ]

    def _split(self, verdict: Verdict, views: Sequence[GuardDevice]) -> Split | None:
        # Before the first look at all of them (or their failure) there is nothing to decide on.
        if verdict.budget_watts is None or not all(device.known for device in self.devices):
            return None
        return self._governor.limits(verdict.budget_watts, self.rest_watts, views, self._clock())

    def _changes(
        self, verdict: Verdict, targets: Targets, split: Split | None, views: Sequence[GuardDevice]
    ) -> list[tuple[str, Change]]:
        whole = self._given_back_whole(targets)
        changes = [
            (name, Change(watts=watts))
            for name, watts in targets.watts.items()
            if name not in whole and self._differs(name, watts)
        ]
        if split is not None and verdict.budget_watts is not None:
            writes = writes_now(
                split.limits,
                views,
                budget_watts=verdict.budget_watts,
                rest_watts=self.rest_watts,
                may_raise=verdict.may_raise,
            )
            changes += [(write.device_id, Change(watts=write.watts)) for write in writes]
            changes += self._retries()
        changes += [
            (name, Change(clock_mhz=mhz, sets_clock=True))
            for name, mhz in targets.clocks.items()
            if name not in whole and self._clock_differs(name, mhz, leaving=name in targets.restored)
        ]
        return changes + [
            (name, Change(settings=found)) for name, found in whole.items() if self._keeps(name)
        ]

    def _given_back_whole(self, targets: Targets) -> dict[str, dict[str, str]]:
        """Settings as found of devices that nothing holds any more, where the driver puts them back."""
        originals = self._store.originals
        return {name: originals[name].settings for name in targets.restored if originals[name].settings}

    def _keeps(self, name: str) -> bool:
        """Whether a device that is to be given back is not, and may be tried now."""
        device = self._by_id[name]
        if device.reading is None or device.given_back:
            return False
        return device.fault is None or device.fault.retry_at <= self._clock()

    def _retries(self) -> list[tuple[str, Change]]:
        """A device that refused a limit is tried again with its floor, which no budget can object to."""
        now = self._clock()
        return [
            (device.info.id, Change(watts=device.info.floor_watts))
            for device in self.devices
            if device.fault is not None and device.fault.on_write and device.fault.retry_at <= now
        ]

    def _differs(self, name: str, watts: float) -> bool:
        device = self._by_id[name]
        if device.reading is None or not device.info.limits_watts:
            return False
        if device.fault is not None and device.fault.retry_at > self._clock():
            return False
        return abs(device.reading.limit_watts - watts) > SAME_LIMIT_WATTS

    def _clock_differs(self, name: str, mhz: int | None, *, leaving: bool) -> bool:
        device = self._by_id[name]
        if device.reading is None or device.fault is not None:
            return False
        if device.clock_fault is not None and device.clock_fault.retry_at > self._clock():
            return False
        # What cannot be read may be a person's: it is touched where a ceiling is asked for, or at the end.
        unsure = leaving and not device.reading.clock_limit_known
        return unsure or device.reading.clock_limit_mhz != mhz

    def _write(self, changes: Sequence[tuple[str, Change]]) -> None:
        found = [(self._by_id[name], change) for name, change in changes]
        ready = [(device, change) for device, change in found if not device.busy and not device.owner]
        if self._settings.dry_run:
            self._announce(ready)
        elif ready and self._keep_originals([device for device, _ in ready]):
            for device, change in ready:
                device.start_change(change)

    def _announce(self, changes: Sequence[tuple[ManagedDevice, Change]]) -> None:
        for device, change in changes:
            if self._announced.get(device.info.id) != change:
                details = {"device": device.info.id, "watts": change.watts, "clock_mhz": change.clock_mhz}
                log.info("would write", extra=details)
            self._announced[device.info.id] = change

    def _keep_originals(self, devices: Sequence[ManagedDevice]) -> bool:
        if self._store.broken:
            self._report(self._store.broken)
            return False
        if all(device.info.id in self._store.originals for device in devices):
            self.problem = ""
            return True
        found = {
            device.info.id: Original(
                limit_watts=device.reading.requested_watts,
                clock_limit_mhz=device.reading.clock_limit_mhz,
                settings=dict(device.reading.settings),
            )
            for device in devices
            if device.reading is not None
        }
        try:
            self._store.keep_originals(found)
        except OSError as error:
            self._report(f"originals could not be saved, so nothing is written: {error}")
            return False
        self.problem = ""
        return True

    def _report(self, problem: str) -> None:
        if self.problem != problem:
            log.error("devices are not written", extra={"why": problem})
        self.problem = problem

    def _look(self) -> None:
        now = self._clock()
        # A hair early is on time: the loop that calls this sleeps for the same period.
        if now - self._read_at < self._settings.period_seconds * 0.9:
            return
        self._read_at = now
        self._break_up_late_round()
        looks: dict[str, Look] = {}
        for device in self.devices:
            name = device.info.id
            if name in self._apart:
                device.start_read()
            elif (look := device.lend_look()) is not None:
                looks[name] = look
        self._lent = looks
        self._rounds.start(list(looks.values()))

    def _break_up_late_round(self) -> None:
        """A round that has not come back by the next one waits for a device; the others must not."""
        self._apart = {name for name in self._apart if self._by_id[name].busy}
        awaited, left = self._rounds.break_up()
        for name, look in self._lent.items():
            if look is awaited:
                self._apart.add(name)
            elif look in left:
                self._by_id[name].take_back(look)

    def _is_restored(self, name: str) -> bool:
        device, original = self._by_id[name], self._store.originals.get(name)
        if original is None:
            return True
        if device.owner:
            log.warning("not given back", extra={"device": name, "owner": device.owner, "found": original})
            return True
        reading = device.reading
        if original.settings:
            return device.given_back and device.change is None and device.fault is None
        return (
            reading is not None
            and device.change is None
            and device.fault is None
            and abs(reading.limit_watts - original.limit_watts) <= SAME_LIMIT_WATTS
            and reading.clock_limit_known
            and reading.clock_limit_mhz == original.clock_limit_mhz
        )
