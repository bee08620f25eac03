"""One agent after another in one process: when more devices answer, the next adopts what the one before held.

What an agent knows of a device (its limits, its workers, what was learned beside it) is made for one set of
devices. A new set is therefore met as after a restart, which is the way that is tried at every write.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Protocol

from nodeagent.agent import Agent, AgentParts
from nodeagent.devices.device import DeviceSet
from nodeagent.finder import DeviceFinder
from nodeagent.hardware.enforcer import Enforcer

log = logging.getLogger(__name__)

_LAST_WRITES_SECONDS = 2.0
"""Twice the default deadline of a call; one that is later has hung for good, and would outlive a process."""


class Build(Protocol):
    """Builds an agent for devices."""

    def __call__(self, *, hardware: DeviceSet) -> tuple[Agent, AgentParts, Enforcer]:
        """Returns the agent, its parts, and the enforcer, which the caller closes."""
        ...


class Lives:
    """Runs agents on the devices that have answered so far.

    Args:
        build: Builds an agent.
        finder: Says when more devices answer.

    Attributes:
        agent: The present one; there is none before ``begin``.
        parts: What it is put together from.
    """

    agent: Agent
    parts: AgentParts

    def __init__(self, build: Build, finder: DeviceFinder) -> None:
        self._build = build
        self._finder = finder
        self._enforcer: Enforcer | None = None

    def begin(self, hardware: DeviceSet) -> None:
        """Builds the agent of these devices."""
        self._hardware = hardware
        self.agent, self.parts, self._enforcer = self._build(hardware=hardware)

    def render_metrics(self) -> bytes:
        """Returns the metrics of the present agent in the text format."""
        return self.parts.metrics.render()

    async def once(self, seconds: float) -> None:
        """Has the present agent hold the devices for some seconds."""
        try:
            await self.agent.once(seconds)
        finally:
            self._end()

    async def run(self) -> None:
        """Runs one agent after the other until cancelled."""
        while True:
            try:
                hardware = await self._until_more()
                await self._last_writes()
            finally:
                self._end()
            log.info("more devices answer", extra={"devices": sorted(hardware.answering)})
            self.begin(hardware)

    async def _until_more(self) -> DeviceSet:
        living = asyncio.create_task(self.agent.run())
        waiting = asyncio.create_task(self._finder.more(self._hardware))
        try:
            await asyncio.wait({living, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if living.done():
                living.result()
            return await waiting
        finally:
            for task in (living, waiting):
                task.cancel()
            await asyncio.gather(living, waiting, return_exceptions=True)

    async def _last_writes(self) -> None:
        """A write that is under way must not land on a device that the next agent has already read."""
        ends = time.monotonic() + _LAST_WRITES_SECONDS
        devices = self._enforcer.devices if self._enforcer is not None else []
        while any(device.busy for device in devices) and time.monotonic() < ends:  # noqa: ASYNC110 - threads set no event
            await asyncio.sleep(0.01)

    def _end(self) -> None:
        if self._enforcer is not None:
            self._enforcer.note_left()
            self._enforcer.close()
        self._enforcer = None
