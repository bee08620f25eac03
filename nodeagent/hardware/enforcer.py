"""Brings the devices to what shall be, one safe step at a time; never waits for a device."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from nodeagent.devices.device import DeviceSet
from nodeagent.guard.governor import Governor
from nodeagent.guard.model import GuardDevice, charge_watts, charged_total
from nodeagent.guard.restbound import RestBound
from nodeagent.guard.split import Split
from nodeagent.hardware.changes import Aim, ChangeFinder, Due
from nodeagent.hardware.clocklocks import ClockLocks
from nodeagent.hardware.jobs import Calls, Change
from nodeagent.hardware.looks import Looks
from nodeagent.hardware.managed import ManagedDevice
from nodeagent.hardware.originals import OriginalsKeeper
from nodeagent.hardware.ownership import SavedLimits, node_manager
from nodeagent.hardware.standing import Standing, take_standing
from nodeagent.hardware.targets import Targets, choose_targets
from nodeagent.obedience.verdict import Verdict
from nodeagent.setpoints import SetPoints, clamped_watts
from nodeagent.state.store import StateStore

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EnforcerSettings:
    """How devices are driven.

    Attributes:
        period_seconds: Time between two looks at a device.
        deadline_seconds: A device call that takes longer counts as hanging.
        dry_run: Decide and log, write nothing.
        answered: Called when answers of devices may be reason for a decision before the next turn.
    """

    period_seconds: float
    deadline_seconds: float
    dry_run: bool = False
    answered: Callable[[], None] = lambda: None


class Enforcer:
    """Owns the managed devices.

    Args:
        hardware: The devices of the node.
        store: Originals are saved here before the first write.
        governor: Splits budgets.
        settings: How devices are driven.
        clock: Monotonic seconds.
        wrote: Called after every answer of a device to a write, with its outcome.
    """

    def __init__(
        self,
        hardware: DeviceSet,
        store: StateStore,
        governor: Governor,
        settings: EnforcerSettings,
        clock: Callable[[], float],
        wrote: Callable[[str], None],
    ) -> None:
        calls = Calls(settings.deadline_seconds, self._write_answered, clock)
        self.devices = [ManagedDevice(d, calls, _saved(store, d.info.id)) for d in hardware.devices]
        self.nameplate_watts = sum(
            charge_watts(d.info.nameplate_watts, d.info.one_second_excursion_ratio) for d in self.devices
        )
        self._infos = {device.info.id: device.info for device in self.devices}
        self._by_id = {device.info.id: device for device in self.devices}
        self._store = store
        self._governor = governor
        self._settings = settings
        self._clock = clock
        self._wrote = wrote
        self._looks = Looks(self.devices, settings.period_seconds, clock, settings.answered)
        self._locks = ClockLocks()
        self._originals = OriginalsKeeper(store, clock)
        self._finder = ChangeFinder(self._by_id, lambda: store.originals, clock)
        self._announced: dict[str, Change] = {}

    @property
    def problem(self) -> str:
        """Why nothing is written, in plain words; empty where all is well."""
        return self._originals.problem

    @property
    def has_news(self) -> bool:
        """Whether a device changed so that a decision is due, or a write waits for one that is busy."""
        return self._finder.waits or any(device.news for device in self.devices)

    @property
    def demand_moved(self) -> bool:
        """Whether what a device wants is another thing than at the last decision."""
        return any(device.demand_moved for device in self.devices)

    def settled_at(self) -> float:
        """Returns when the last limit that was lowered will have settled; 0.0 where all have."""
        return max((device.exposure.settled_at() for device in self.devices), default=0.0)

    def collect(self) -> None:
        """Takes in what devices have answered so far; comes before anything is decided on."""
        self._looks.collect()

    def look_again(self) -> bool:
        """Looks at all devices once more where the last looks showed nothing new; False where one did."""
        return self._looks.again()

    def look(self) -> None:
        """Starts a look at each device whose turn it is."""
        self._looks.start()

    def step(self, verdict: Verdict, points: SetPoints, rest: RestBound) -> Standing:
        """Starts every write that is safe now, and a look at each device whose turn it is."""
        self.collect()
        now = self._clock()
        for device in self.devices:
            device.check(now)
            device.news = False
        targets = choose_targets(verdict.course, self._infos, points, self._store.originals)
        if verdict.budget_watts is not None and verdict.may_raise:
            targets = self._locks.applied(targets, self.devices)
        self._note_others(targets, verdict, points)
        aside_watts = rest.model(now).aside_watts(verdict.budget_watts or 0)
        views = self._views(verdict, points)
        split = self._split(verdict, views, aside_watts)
        if split is not None and not self._settings.dry_run:
            # All at once: the watchdog lowers what is saved, and saves nothing itself.
            self._originals.keep([d for d in self.devices if d.reading is not None and not d.owner])
        aim = Aim(targets, split, views, verdict.budget_watts or 0, aside_watts, verdict.may_raise)
        if due := self._finder.due(aim):
            self._write(due)
            written = {device.info.id for device, _ in due}
            views = [
                self._view(d, verdict, points) if d.info.id in written else view
                for d, view in zip(self.devices, views, strict=True)
            ]
        self._looks.start()
        if self._finder.waits:
            self._looks.hurry()
        if not self._settings.dry_run:
            self._originals.note_left(self.devices)
        failed = {d.info.id for d in self.devices if d.failed or d.unenforceable or d.owner}
        stood_by = rest.stand(charged_total(views), verdict.budget_watts, now)
        return take_standing(views, failed, stood_by, targets, split)

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

    def doubt(self) -> None:
        """The machine was away (a new boot, a sleep): every device is looked at anew before it counts."""
        for device in self.devices:
            device.doubt()

    def forget_restored(self, targets: Targets) -> bool:
        """Drops the originals of devices that are as they were found; whether all that shall be are."""
        if self._originals.refuses():
            return False
        left_alone = [self._by_id[name] for name in targets.restored if self._is_others(name)]
        for device in left_alone:
            found = self._store.original(device.info.id)
            details = {"device": device.info.id, "why": device.owner or device.left_alone, "found": found}
            log.warning("not given back", extra=details)
        back = [self._by_id[name] for name in targets.restored if self._finder.is_restored(name)]
        kept = {d.info.id for d in (*back, *left_alone)} == targets.restored
        return self._originals.forget([*back, *left_alone]) and kept

    def note_left(self) -> None:
        """Notes what the devices are left with, for whoever comes next."""
        if not self._settings.dry_run:
            self._originals.note_left(self.devices, 0.0)

    def close(self) -> None:
        """Lets go of the devices; their settings stay as they are."""
        self._looks.close()
        for device in self.devices:
            device.close()

    def _is_others(self, name: str) -> bool:
        return bool(self._by_id[name].owner or self._by_id[name].left_alone)

    def _note_others(self, targets: Targets, verdict: Verdict, points: SetPoints) -> None:
        """Finds what somebody else changed on devices that would be given back now."""
        for device in self.devices:
            name = device.info.id
            if verdict.budget_watts is not None or name in points.by_device:
                device.left_alone = ""
            elif name in targets.restored and not device.left_alone:
                device.left_alone = self._originals.others_change(device)

    def _views(self, verdict: Verdict, points: SetPoints) -> list[GuardDevice]:
        return [self._view(device, verdict, points) for device in self.devices]

    @staticmethod
    def _view(device: ManagedDevice, verdict: Verdict, points: SetPoints) -> GuardDevice:
        if verdict.budget_watts is None:
            return device.guard_view(None)
        return device.guard_view(clamped_watts(points.of(device.info.id), device.info))

    def _split(self, verdict: Verdict, views: Sequence[GuardDevice], aside_watts: int) -> Split | None:
        # Before the first look at all of them (or their failure) there is nothing to decide on.
        if verdict.budget_watts is None or not all(device.known for device in self.devices):
            return None
        return self._governor.limits(verdict.budget_watts, aside_watts, views, self._clock())

    def _write(self, due: Due) -> None:
        if self._settings.dry_run:
            self._announce(due)
        elif self._originals.keep([device for device, _ in due]):
            noted = self._originals.note_writing(due)
            for device, change in due:
                if noted or not change.sets_clock:
                    device.start_change(change)

    def _write_answered(self, outcome: str) -> None:
        self._wrote(outcome)
        if not any(device.change is not None for device in self.devices):
            self._settings.answered()

    def _announce(self, due: Due) -> None:
        for device, change in due:
            if self._announced.get(device.info.id) != change:
                details = {"device": device.info.id, "watts": change.watts, "clock_mhz": change.clock_mhz}
                log.info("would write", extra=details)
            self._announced[device.info.id] = change


def _saved(store: StateStore, device: str) -> SavedLimits:
    return SavedLimits(partial(store.lowered_by_watchdog, device), partial(store.original, device))
