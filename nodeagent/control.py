"""The control loop's step: verdict, devices, memory, confirmation, in that order."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from common.api.core import Node
from common.api.frequencies import BudgetStatus, NodeFrequencies
from common.clock import Clock
from nodeagent.awake import AwakeWatch
from nodeagent.devices.device import KIND_GPU, Awaited
from nodeagent.hardware.enforcer import Enforcer
from nodeagent.hardware.rest import RestReader
from nodeagent.hardware.standing import Standing
from nodeagent.keeper import MemoryKeeper
from nodeagent.obedience.confirm import Identity, confirmation, obeys
from nodeagent.obedience.heartbeat import Moment
from nodeagent.obedience.machine import Obedience
from nodeagent.obedience.verdict import Course, Verdict
from nodeagent.pods.podcaps import with_pod_caps
from nodeagent.pods.sharing import board_weights, other_agents
from nodeagent.pods.tenancy import Tenancy
from nodeagent.setpoints import SetPoints, match_set_points
from nodeagent.snapshot import Snapshot, device_views
from nodeagent.world import World

log = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 1.0
"""Leases, ramps, retries and metrics go by the second."""
_DEMAND_SECONDS = 0.5
"""A load that goes up and down is followed so often; limits move less often still."""


@dataclass(frozen=True)
class ControlParts:
    """What the controller works with.

    ``awaited`` are devices that are looked for again; None where all have answered.
    """

    world: World
    obedience: Obedience
    enforcer: Enforcer
    rest: RestReader
    keeper: MemoryKeeper
    awaited: Awaited | None = None


class Controller:
    """Turns what is known into settings of the devices; called at every change and ten times a second.

    Args:
        parts: What it works with.
        clock: Wall and monotonic time.
        server_offset: Seconds to add to the wall clock to have the API server's.
        awake: The boot as the hardware says (empty to take the Node's), and whether the machine was away.
        dry_run: Nothing is written, so nothing may be confirmed either.
    """

    def __init__(
        self,
        parts: ControlParts,
        clock: Clock,
        server_offset: Callable[[], float],
        awake: AwakeWatch,
        *,
        dry_run: bool,
    ) -> None:
        self._parts = parts
        self._clock = clock
        self._server_offset = server_offset
        self._awake = awake
        self._dry_run = dry_run
        self._stepped_at = self._due_at = self._take_at = float("-inf")
        self._confirmed: BudgetStatus | None = None
        self._node: Node | None = None
        self._tenancy: Tenancy | None = None
        self._course: tuple[Course, str] | None = None

    @property
    def boot_id(self) -> str:
        """The present boot, as the Node object will name it."""
        node = self._parts.world.node
        named = node.status.node_info.boot_id if node is not None else ""
        # A Node without one is compared as such; a reboot is still noticed by the hardware's own.
        return self._awake.boot_id or named

    def see(self, frequencies: NodeFrequencies | None, *, consistent: bool) -> bool:
        """Takes in the node's own object; returns whether a consistent read is needed to go on."""
        world = self._parts.world
        world.frequencies_changed(frequencies)
        again = self._parts.obedience.see(world.addressed, consistent=consistent)
        confirmed = frequencies.status.power_budget if frequencies is not None else None
        if self._confirmed is None and confirmed is not None and consistent:
            self._confirmed = confirmed
        return again

    def is_due(self) -> bool:
        """Whether anything happened that a decision may depend on, or the last one is a second old.

        Grants, domains and pods are not looked at here: whoever changes those has the loop step at once.
        """
        parts, now = self._parts, self._clock.monotonic()
        if now >= self._due_at or parts.enforcer.has_news or parts.rest.news:
            return True
        return now - self._stepped_at >= _DEMAND_SECONDS and parts.enforcer.demand_moved

    def collect(self) -> None:
        """Takes in what devices have answered; comes before the question whether a step is due."""
        self._take_at = self._clock.monotonic() + _DEMAND_SECONDS
        self._parts.enforcer.collect()

    def look_again(self) -> bool:
        """Looks once more and leaves it at that, where nothing can have come up but draws within limits.

        Returns:
            Whether that was so. If not, take in what devices have answered, and ask whether a step is due.
        """
        rest, now = self._parts.rest, self._clock.monotonic()
        if now >= min(self._due_at, self._take_at) or rest.news or rest.is_due(now):
            return False
        return self._parts.enforcer.look_again()

    def look(self) -> None:
        """Starts looks at the devices and the node's meter, and decides nothing."""
        self._parts.enforcer.look()
        self._parts.rest.start_read(self._parts.enforcer.devices)

    def step(self) -> Snapshot:
        """Does one step; never waits for a device or the cluster."""
        parts = self._parts
        # Before the machine is asked whether it was away: after that, older answers count for nothing.
        self.collect()
        now = self._moment()
        parts.rest.news = False
        if self._awake.was_away(now.monotonic):
            log.warning("the machine was away; every device is looked at anew", extra={"boot": self.boot_id})
            parts.enforcer.doubt()
        verdict = parts.obedience.decide(
            parts.world.domains,
            now,
            self.boot_id,
            parts.enforcer.nameplate_watts + parts.rest.bound.highest_watts,
        )
        if not parts.keeper.is_kept(parts.obedience.memory):
            verdict = _without_raises(verdict)
        self._announce(verdict)
        points = self._points()
        self._note_managers()
        # Cuts do not wait for the disk; raises and confirmations do.
        standing = parts.enforcer.step(verdict, points, parts.rest.bound)
        self._note_due(now.monotonic)
        kept = parts.keeper.keep(parts.obedience.memory, now.monotonic)
        parts.rest.start_read(parts.enforcer.devices)
        restored = self._dry_run or parts.enforcer.forget_restored(standing.targets)
        self._note_outcome(verdict, standing, restored=restored)
        known = all(device.known for device in parts.enforcer.devices)
        may_claim = kept and restored and known and not self._dry_run
        return self._snapshot(verdict, points, standing, may_claim=may_claim)

    def _points(self) -> SetPoints:
        spec, tenancy = self._parts.world.spec, self._parts.world.tenancy
        infos = [device.info for device in self._parts.enforcer.devices]
        boards = [info.id for info in infos if info.kind == KIND_GPU]
        return with_pod_caps(match_set_points(spec, infos), spec.pod_power_limits, tenancy, boards)

    def _note_due(self, now: float) -> None:
        settled_at = self._parts.enforcer.settled_at()
        longest = now + LONGEST_PAUSE_SECONDS
        self._stepped_at, self._due_at = now, min(longest, settled_at) if settled_at > now else longest

    def _note_managers(self) -> None:
        node, tenancy = self._parts.world.node or self._node, self._parts.world.tenancy
        if node is self._node and tenancy is self._tenancy:
            return
        self._node, self._tenancy = node, tenancy
        enforcer = self._parts.enforcer
        labels = {} if node is None else {**node.metadata.annotations, **node.metadata.labels}
        enforcer.note_managers(labels, other_agents(tenancy))
        enforcer.note_weights(board_weights((device.info for device in enforcer.devices), tenancy))

    def _note_outcome(self, verdict: Verdict, standing: Standing, *, restored: bool) -> None:
        if self._dry_run:
            return
        if verdict.course is Course.RELEASE and restored:
            self._parts.obedience.released()
        elif verdict.budget_watts is not None and obeys(verdict.budget_watts, standing.powers):
            self._parts.obedience.enforced(self.boot_id)

    def _snapshot(
        self, verdict: Verdict, points: SetPoints, standing: Standing, *, may_claim: bool
    ) -> Snapshot:
        parts = self._parts
        frequencies = parts.world.frequencies
        uid = frequencies.metadata.uid if frequencies is not None else ""
        identity = self._identity(uid)
        if identity is not None:
            self._confirmed = confirmation(
                self._confirmed, identity, verdict, standing.powers, may_claim=may_claim
            )
        return Snapshot(
            uid=uid,
            generation=frequencies.metadata.generation if frequencies is not None else 0,
            devices=device_views(parts.enforcer.devices, points, standing, parts.world.tenancy),
            points=points,
            verdict=verdict,
            standing=standing,
            confirmed=self._confirmed if identity is not None else None,
            problems=self._problems(),
            tenancy=parts.world.tenancy,
            awaited=parts.awaited,
        )

    def _identity(self, uid: str) -> Identity | None:
        node = self._parts.world.node
        if node is None or not uid:
            return None
        named = node.status.node_info.boot_id
        return Identity(uid, node.metadata.uid, self.boot_id if named else "")

    def _problems(self) -> tuple[str, ...]:
        parts = self._parts
        found = (parts.world.misaddressed, parts.enforcer.problem, parts.keeper.problem, parts.rest.problem)
        return tuple(problem for problem in found if problem)

    def _moment(self) -> Moment:
        offset = timedelta(seconds=self._server_offset())
        return Moment(self._clock.monotonic(), self._clock.now() + offset)

    def _announce(self, verdict: Verdict) -> None:
        course = (verdict.course, verdict.reason)
        if course != self._course:
            log.info("budget", extra={"course": verdict.course.value, "why": verdict.message})
        self._course = course


def _without_raises(verdict: Verdict) -> Verdict:
    return replace(verdict, may_raise=False)
