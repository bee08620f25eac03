"""One moment of the node as the agent sees it: what status, metrics and logs are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from common.api.frequencies import BudgetStatus
from nodeagent.devices.device import Awaited, DeviceInfo, Reading
from nodeagent.guard.effect import Effect
from nodeagent.hardware.fault import Fault
from nodeagent.hardware.managed import ManagedDevice
from nodeagent.hardware.standing import Standing
from nodeagent.obedience.verdict import Verdict
from nodeagent.pods.tenancy import NOT_FOLLOWED, Holder, Tenancy
from nodeagent.setpoints import SetPoint, SetPoints


@dataclass(frozen=True)
class DeviceView:
    """One device: what it is, how it was seen last, what it shall be set to, what is wrong with it.

    ``target_watts`` is None where its limit is left as it is; the clock likewise unless ``sets_clock``.
    """

    info: DeviceInfo
    reading: Reading | None
    fault: Fault | None
    clock_fault: Fault | None
    point: SetPoint
    target_watts: float | None
    target_clock_mhz: int | None
    sets_clock: bool
    effect: Effect = Effect.UNKNOWN
    owner: str = ""
    manager: str = ""
    left_alone: str = ""
    pods: tuple[Holder, ...] = ()
    note: str = ""

    @property
    def essence(self) -> tuple[object, ...]:
        """What of it is no live figure."""
        reading = self.reading
        seen = (
            None
            if reading is None
            else (reading.limit_watts, reading.requested_watts, reading.clock_limit_mhz)
        )
        faults = (
            self.fault,
            self.owner,
            self.left_alone,
            self.clock_fault,
            self.effect is Effect.UNENFORCEABLE,
            self.pods,
        )
        return (self.info.id, seen, faults, self.target_watts, self.target_clock_mhz, self.sets_clock)


@dataclass(frozen=True)
class Snapshot:
    """Everything that is reported, as of one step of the control loop.

    Attributes:
        uid: The NodeFrequencies that was obeyed in this step; empty where there is none.
        generation: Its generation.
        devices: All devices.
        points: Its set points.
        verdict: What holds.
        standing: How the devices stand to it.
        confirmed: What is confirmed to the actuator; None while that cannot be said.
        problems: What is wrong beyond single devices, in plain words.
        tenancy: Which pod is on which GPU.
        awaited: Devices that are looked for again; None where all have answered.
    """

    uid: str
    generation: int
    devices: tuple[DeviceView, ...]
    points: SetPoints
    verdict: Verdict
    standing: Standing
    confirmed: BudgetStatus | None
    problems: tuple[str, ...] = ()
    tenancy: Tenancy = NOT_FOLLOWED
    awaited: Awaited | None = None

    @property
    def essence(self) -> tuple[object, ...]:
        """All that a change of which is worth a report at once: everything but draws, clocks and times."""
        devices = tuple(view.essence for view in self.devices)
        verdict, standing = self.verdict, self.standing
        said = (verdict.reason, verdict.message, verdict.budget_watts, standing.charged_watts)
        rest = (standing.rest.watts, standing.rest.highest_watts, standing.rest.source)
        return (
            self.uid,
            self.generation,
            devices,
            self.points,
            said,
            self.confirmed,
            rest,
            self.problems,
            (self.tenancy.reason, self.tenancy.message),
        )

    @property
    def draw_watts(self) -> float:
        """Present draw of the node; the bound stands in for a rest that nothing measures."""
        return self.rest_watts + sum(d.reading.draw_watts for d in self.devices if d.reading is not None)

    @property
    def rest_watts(self) -> float:
        """Present draw of all that is not a device; its bound where nothing measures it."""
        rest = self.standing.rest
        return rest.watts if rest.metered_watts is None else rest.metered_watts


def device_views(
    devices: list[ManagedDevice], points: SetPoints, standing: Standing, tenancy: Tenancy = NOT_FOLLOWED
) -> tuple[DeviceView, ...]:
    """Returns the views of all devices under one standing."""
    limits: Mapping[str, float] = standing.split.limits if standing.split is not None else {}
    watts = {**standing.targets.watts, **limits}
    clocks = standing.targets.clocks
    return tuple(
        DeviceView(
            info=device.info,
            reading=device.reading,
            fault=device.fault,
            clock_fault=device.clock_fault,
            point=points.of(device.info.id),
            target_watts=watts.get(device.info.id),
            target_clock_mhz=clocks.get(device.info.id),
            sets_clock=device.info.id in clocks,
            effect=device.effect.effect,
            owner=device.owner,
            manager=device.manager,
            left_alone=device.left_alone,
            pods=tenancy.holders.get(device.info.id, ()),
            note=points.notes.get(device.info.id, ""),
        )
        for device in devices
    )
