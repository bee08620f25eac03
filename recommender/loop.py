"""When things happen: a cycle with every reading, and at once for what people have changed."""

from __future__ import annotations

import asyncio
import logging

from common.api.domain import PowerDomain
from common.api.policy import PowerCappingPolicy
from common.clock import Clock
from common.kube.errors import KubeError
from common.kube.queue import WorkQueue, run_workers
from recommender.config import RecommenderSettings
from recommender.engine import Engine
from recommender.input.cluster import Cluster
from recommender.input.readings import Readings
from recommender.model.world import Objects
from recommender.routine import KIND_DOMAIN, KIND_PLAN, KIND_POLICY, Routine, Task

log = logging.getLogger(__name__)

_LONGEST_WAIT_FOR_FIRST_READING_SECONDS = 1.0


class Loop:
    """Queues each object once, for workers that bring it up to date."""

    def __init__(
        self, settings: RecommenderSettings, cluster: Cluster, readings: Readings, engine: Engine,
        routine: Routine, clock: Clock,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._cluster = cluster
        self._readings = readings
        self._engine = engine
        self._routine = routine
        self._clock = clock
        self._queue: WorkQueue[Task] = WorkQueue()
        self._overtaken = False
        cluster.policies.on_change(self._on_policy)
        cluster.domains.on_change(self._on_domain)

    async def run(self) -> None:
        """Runs until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._readings.run())
            group.create_task(self._cycle_again_and_again(group))

    async def once(self) -> None:
        """Reads once, and brings every object up to date once."""
        await self._readings.once()
        self._cycle()
        while len(self._queue):
            task = await self._queue.get()
            try:
                await self._routine.handle(task)
            except KubeError as error:
                log.error("not written", extra={"kind": task.kind, "object": task.name, "error": str(error)})
            self._queue.done(task)

    async def _cycle_again_and_again(self, group: asyncio.TaskGroup) -> None:
        # A first status with a reading in it says more than one from nameplates, but must not be late for it.
        await self._readings.wait(_LONGEST_WAIT_FOR_FIRST_READING_SECONDS)
        await self._cycle_beside()
        group.create_task(run_workers(self._queue, self._routine.handle, self._settings.workers))
        while True:
            await self._readings.wait(self._settings.interval_seconds)
            await self._cycle_beside()

    async def _cycle_beside(self) -> None:
        """Makes a new picture without holding up quick passes; domains changed meanwhile count at once."""
        objects = self._cluster.objects()
        self._engine.histories = self._readings.histories
        self._engine.load = self._readings.load.last
        self._overtaken = False
        await self._engine.cycle_beside(objects, self._clock.now())
        if self._overtaken:
            self._engine.with_domains(self._cluster.objects(), self._clock.now())
        self._queue_all(objects)

    def _cycle(self) -> None:
        """Makes a new picture and queues every object; a failure leaves the last picture in place."""
        objects = self._cluster.objects()
        self._engine.histories = self._readings.histories
        self._engine.load = self._readings.load.last
        self._engine.cycle(objects, self._clock.now())
        self._queue_all(objects)

    def _queue_all(self, objects: Objects) -> None:
        for policy in objects.policies:
            self._queue.add(Task(KIND_POLICY, policy.namespace, policy.name))
        for domain in objects.domains:
            self._queue.add(Task(KIND_DOMAIN, "", domain.name))
        self._queue_plans()

    def _queue_plans(self) -> None:
        for name, _, _ in self._engine.plans:
            self._queue.add(Task(KIND_PLAN, "", name))

    def _on_policy(self, old: PowerCappingPolicy | None, new: PowerCappingPolicy | None) -> None:
        policy = new or old
        if policy is not None and not _same_generation(old, new):
            self._queue.add(Task(KIND_POLICY, policy.namespace, policy.name))

    def _on_domain(self, old: PowerDomain | None, new: PowerDomain | None) -> None:
        if _same_generation(old, new) or not self._cluster.domains.synced:
            return
        self._overtaken = True
        self._engine.with_domains(self._cluster.objects(), self._clock.now())
        for domain in self._cluster.domains.items():
            self._queue.add(Task(KIND_DOMAIN, "", domain.name))
        self._queue_plans()


def _same_generation(
    old: PowerCappingPolicy | PowerDomain | None, new: PowerCappingPolicy | PowerDomain | None
) -> bool:
    """Whether a change touched status or metadata alone."""
    return old is not None and new is not None and old.metadata.generation == new.metadata.generation
