"""The promise itself, searched: whatever the network does, at most one candidate may act at any instant."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import looptime
from hypothesis import given, settings
from hypothesis import strategies as st

from common.api.core import Lease
from common.api.meta import ObjectMeta
from common.kube import KubeError, LeaderElector, Leadership
from tests.fakes.lease_store import LeaseAccess, LeaseStore

CANDIDATES = 3
SIMULATED_SECONDS = 300
LONGEST_ATTEMPT = 10.0


class SkewedClock:
    """Wall time that is hours off and jumps; monotonic time that runs as it does everywhere."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=self._rng.uniform(-1000, 1000))

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class World:
    """Three candidates, one store, and a chaos that hangs, restarts and deletes."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.store = LeaseStore()
        if self.rng.random() < 0.5:
            self.store.create(Lease(metadata=ObjectMeta(name="lease", namespace="ns")))
        self.acting: dict[str, Leadership] = {}
        self.last_epoch = 0
        self.last_start = self.deleted_at = float("-inf")
        self.terms = self.most_at_once = 0

    async def lead(self, identity: str, leadership: Leadership) -> None:
        self.terms += 1
        if self.deleted_at < self.last_start - LONGEST_ATTEMPT:  # the count goes with the Lease
            assert leadership.epoch > self.last_epoch, "an epoch was used twice"
        self.last_epoch, self.last_start = leadership.epoch, asyncio.get_running_loop().time()
        self.acting[identity] = leadership
        try:
            while True:
                await asyncio.sleep(0.1)
                self.check()
                if self.rng.random() < 0.01:
                    await self.raise_epoch(leadership)
        finally:
            del self.acting[identity]

    async def raise_epoch(self, leadership: Leadership) -> None:
        with contextlib.suppress(KubeError):
            self.last_epoch = max(self.last_epoch, await leadership.raise_epoch(leadership.epoch + 3))

    def check(self) -> None:
        valid = [identity for identity, leadership in self.acting.items() if leadership.valid()]
        self.most_at_once = max(self.most_at_once, len(self.acting))
        assert len(valid) <= 1, f"{valid} act at once"
        assert len(self.acting) <= 1, f"{list(self.acting)} run at once"

    async def candidate(self, identity: str) -> None:
        """Campaigns, is killed without a release now and then, and comes back as another process."""
        for life in range(100):
            name = f"{identity}-{life}"
            access = LeaseAccess(self.store, self.rng, trouble=self.rng.choice([0.0, 0.05, 0.3]))
            elector = LeaderElector(access, "lease", "ns", name, clock=SkewedClock(self.rng))
            elector._rng = self.rng
            task = asyncio.ensure_future(elector.run(lambda term, name=name: self.lead(name, term)))
            hanging = asyncio.create_task(self.hang_sometimes(access))
            await asyncio.wait({task}, timeout=self.rng.uniform(20, 200))
            if self.rng.random() < 0.5:
                access.hang()  # killed: the release does not get through
            task.cancel()
            hanging.cancel()
            await asyncio.wait({task, hanging})
            if not task.cancelled() and (error := task.exception()):
                raise error

    async def hang_sometimes(self, access: LeaseAccess) -> None:
        while True:
            await asyncio.sleep(self.rng.expovariate(1 / 40))
            access.hang()
            await asyncio.sleep(self.rng.choice([1, 5, 9, 11, 16, 40]))
            access.recover()

    async def delete_sometimes(self) -> None:
        while True:
            await asyncio.sleep(self.rng.expovariate(1 / 150))
            self.store.delete()
            self.deleted_at = asyncio.get_running_loop().time()

    async def run(self) -> None:
        work = [self.candidate(f"candidate-{index}") for index in range(CANDIDATES)]
        tasks = [asyncio.ensure_future(each) for each in (*work, self.delete_sometimes())]
        done, _ = await asyncio.wait(tasks, timeout=SIMULATED_SECONDS, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for task in done:
            task.result()


def _in_fake_time(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    loop = looptime.patch_event_loop(asyncio.new_event_loop())
    try:
        loop.run_until_complete(main())
        while tasks := asyncio.all_tasks(loop):
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.wait(tasks, timeout=10))
    finally:
        loop.close()


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32))
def test_never_two_leaders(seed: int) -> None:
    world = World(seed)
    _in_fake_time(world.run)
    assert world.most_at_once <= 1


def test_the_search_does_see_many_terms() -> None:
    worlds = [World(seed) for seed in range(3)]
    for world in worlds:
        _in_fake_time(world.run)
    assert sum(world.terms for world in worlds) >= 6
