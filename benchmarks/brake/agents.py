"""A share of the agents in one process: ``python -m benchmarks.brake.agents KUBECONFIG FIRST COUNT``.

Every agent has a client, connections, watches and copies of its own, as it has in a cluster; nothing is
shared but the interpreter. What a node may draw is decided by the node agent's own code. The device is in
memory: writing it takes no time. Prints ``ready``, then for each change of the domain that reached all of its
agents one line: the moments (system-wide monotonic seconds) at which each wrote its device.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from datetime import UTC, datetime

from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.frequencies import NODE_FREQUENCIES, NodeFrequencies
from common.kube import Client, Informer, load_config
from common.kube.config import ClusterConfig
from nodeagent.obedience.heartbeat import Moment
from nodeagent.obedience.machine import Obedience

_STARTS_AT_ONCE = 16
_BOOT = "boot"


class Fleet:
    """Collects the moments of one change after the other."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._written: dict[str, float] = {}

    def wrote(self, agent: str) -> None:
        """Notes that an agent has written its device; prints once all have."""
        self._written[agent] = time.monotonic()
        if len(self._written) == self._size:
            print(json.dumps(sorted(self._written.values())), flush=True)
            self._written = {}


class Agent:
    """One agent: two watches, obedience, one device."""

    def __init__(self, name: str, config: ClusterConfig, fleet: Fleet) -> None:
        self._name = name
        self._client = Client(config, user_agent="climatik-nodeagent")
        self._fleet = fleet
        self._obedience = Obedience(None, ramp_seconds=0.0)
        self._domains: dict[str, PowerDomain] | None = None
        self._limit_watts: int | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Follows the cluster until the first limit is on the device."""
        own = Informer(self._client, NODE_FREQUENCIES, field_selector=f"metadata.name={self._name}")
        domains = Informer(self._client, POWER_DOMAINS)
        self._tasks = [asyncio.create_task(informer.run()) for informer in (own, domains)]
        await own.wait_synced()
        await domains.wait_synced()
        self._obedience.see(await self._client.get(NODE_FREQUENCIES, self._name), consistent=True)
        self._domains = {domain.name: domain for domain in domains.items()}
        self._obey(report=False)
        own.on_change(self._own_changed)
        domains.on_change(self._domain_changed)

    async def stop(self) -> None:
        """Lets go of its watches."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.close()

    def _own_changed(self, _old: NodeFrequencies | None, new: NodeFrequencies | None) -> None:
        self._obedience.see(new, consistent=False)
        self._obey()

    def _domain_changed(self, _old: PowerDomain | None, new: PowerDomain | None) -> None:
        if new is not None and self._domains is not None:
            self._domains[new.name] = new
        self._obey()

    def _obey(self, *, report: bool = True) -> None:
        verdict = self._obedience.decide(self._domains, Moment(time.monotonic(), datetime.now(UTC)), _BOOT)
        if verdict.budget_watts == self._limit_watts:
            return
        self._limit_watts = verdict.budget_watts
        if report:
            self._fleet.wrote(self._name)


async def _run(kubeconfig: str, first: int, count: int) -> None:
    config, fleet, slots = load_config(kubeconfig), Fleet(count), asyncio.Semaphore(_STARTS_AT_ONCE)
    agents = [Agent(node_name(number), config, fleet) for number in range(first, first + count)]

    async def start(agent: Agent) -> None:
        async with slots:
            await agent.start()

    await asyncio.gather(*(start(agent) for agent in agents))
    gc.freeze()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await asyncio.gather(*(agent.stop() for agent in agents))


def node_name(number: int) -> str:
    """Returns the name of a node of the fleet."""
    return f"node-{number:04}"


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
