"""A whole agent without a cluster: fake devices that outlive it, a state folder, time that tests move."""

import asyncio
from time import monotonic

from common.api.core import Node, NodeInfo, NodeStatus
from common.api.meta import ObjectMeta
from nodeagent.awake import AwakeWatch
from nodeagent.control import Controller, ControlParts
from nodeagent.devices.device import DeviceSet
from nodeagent.guard.governor import Governor
from nodeagent.guard.restbound import RestBound
from nodeagent.guard.split import SplitSettings
from nodeagent.hardware.enforcer import Enforcer, EnforcerSettings
from nodeagent.hardware.rest import RestReader
from nodeagent.keeper import MemoryKeeper
from nodeagent.obedience.machine import Obedience
from nodeagent.state.store import StateStore
from nodeagent.world import World
from tests.fakes.clock import FakeClock
from tests.unit.nodeagent.grants import NODE

REST = 100
_THREADS_SECONDS = 5.0


class Agent:
    """One life of an agent on devices that stay; ``kill`` ends it as SIGKILL does."""

    def __init__(self, devices, state_dir, *, clock=None, dry_run=False, boot_id="b1", rest=None):
        self.clock = clock or FakeClock()
        self.outcomes = []
        self.store = StateStore(state_dir)
        self.world = World(NODE, lambda: None)
        info = NodeInfo(boot_id=boot_id)
        self.world.node = Node(metadata=ObjectMeta(name=NODE, uid="n1"), status=NodeStatus(node_info=info))
        self.obedience = Obedience(self.store.memory, ramp_seconds=0.0)
        settings = EnforcerSettings(period_seconds=0.1, deadline_seconds=1.0, dry_run=dry_run)
        self.enforcer = Enforcer(
            DeviceSet(devices=list(devices), rest_bound_watts=REST),
            self.store,
            Governor(SplitSettings(), rebalance_seconds=1.0),
            settings,
            self.clock.monotonic,
            self._answered,
        )
        self.rest = rest or RestReader(
            RestBound(REST, None, 0.0, self.clock.monotonic()), None, self.clock.monotonic
        )
        parts = ControlParts(self.world, self.obedience, self.enforcer, self.rest, MemoryKeeper(self.store))
        self.boot_id, self.slept = boot_id, 0.0
        self.awake = AwakeWatch(boot_id, lambda: self.boot_id, lambda: self.slept)
        self.controller = Controller(parts, self.clock, lambda: 0.0, self.awake, dry_run=dry_run)

    def see(self, frequencies, *domains, consistent=True):
        self.controller.see(frequencies, consistent=consistent)
        for domain in domains:
            self.world.domain_changed(None, domain)
        self.world.domains_listed()

    async def turn(self, seconds=0.1):
        """One step, then all answers that can come, then time."""
        snapshot = self.controller.step()
        # Devices answer on threads of their own, which a busy machine may keep from running for long.
        late = monotonic() + _THREADS_SECONDS
        while self._awaits_answers() and monotonic() < late:
            await asyncio.sleep(0)
            self.enforcer.collect()
        await asyncio.sleep(0)
        self.clock.advance(seconds)
        return snapshot

    async def turns(self, seconds, check=None):
        """Turns for so many seconds; returns the last snapshot."""
        snapshot = None
        for _ in range(round(seconds / 0.1)):
            snapshot = await self.turn()
            if check is not None:
                check(snapshot)
        return snapshot

    hanging: frozenset[str] = frozenset()

    def kill(self):
        """Ends this life; devices and state stay as they are.

        A process is gone, and its lock with it, only when the calls that its threads are in have come back.
        """
        self.enforcer.close()
        for device in self.enforcer.devices:
            thread = device._worker._thread
            if thread.is_alive() and device.info.id not in self.hanging:
                thread.join(_THREADS_SECONDS)
        self.store.close()

    def _awaits_answers(self):
        devices = self.enforcer.devices
        late = any(device.busy and device.info.id not in self.hanging for device in devices)
        return late or ("rest" not in self.hanging and self.rest._worker.busy)

    def _answered(self, outcome):
        self.outcomes.append(outcome)
