"""An agent on devices that answer on threads of their own, as real ones do."""

import asyncio

from tests.unit.nodeagent.harness import Agent


class ThreadedAgent(Agent):
    """A turn ends when every device that does not hang has answered; then time passes for all.

    ``hanging`` names devices that are not waited for.
    """

    def __init__(self, devices, state_dir, advance=lambda seconds: None):
        super().__init__(devices, state_dir)
        self._advance = advance

    async def turn(self, seconds=0.1):
        snapshot = self.controller.step()
        for _ in range(20_000):
            if not any(d.busy and d.info.id not in self.hanging for d in self.enforcer.devices):
                break
            await asyncio.sleep(0.0002)
            self.enforcer.collect()
        self._advance(seconds)
        self.clock.advance(seconds)
        return snapshot
