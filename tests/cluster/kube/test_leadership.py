"""Leader election on real Leases, through a network that hangs."""

import asyncio

from common.api.core import LEASES
from common.kube import Client, ClusterConfig, ElectionSettings, LeaderElector, Leadership
from tests.fakes.misbehaving_proxy import Fault, MisbehavingProxy

QUICK = ElectionSettings(lease_seconds=3.0, renew_deadline_seconds=2.0, retry_seconds=0.4)


class Term:
    """Notes when its elector led, in loop time."""

    def __init__(self) -> None:
        self.leadership: Leadership | None = None
        self.started = asyncio.Event()
        self.ended = asyncio.Event()
        self.started_at = self.ended_at = 0.0

    async def lead(self, leadership: Leadership) -> None:
        self.leadership, self.started_at = leadership, asyncio.get_running_loop().time()
        self.started.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended_at = asyncio.get_running_loop().time()
            self.ended.set()


async def _ship_lease(client: Client, namespace: str) -> None:
    await client.create(LEASES, {"metadata": {"name": "lease"}, "spec": {}}, namespace)


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait({task})


async def test_a_leader_behind_a_hanging_connection_stops_before_another_starts(
    client: Client, proxy: MisbehavingProxy, proxied: ClusterConfig, namespace: str
) -> None:
    await _ship_lease(client, namespace)
    first, second = Term(), Term()
    async with Client(proxied) as cut_off, asyncio.timeout(60):
        one = asyncio.create_task(LeaderElector(cut_off, "lease", namespace, "one", QUICK).run(first.lead))
        await first.started.wait()
        two = asyncio.create_task(LeaderElector(client, "lease", namespace, "two", QUICK).run(second.lead))
        await asyncio.sleep(4)
        assert not second.started.is_set()
        hung_at = asyncio.get_running_loop().time()
        proxy.misbehave(Fault.HANG)
        await first.ended.wait()
        assert first.ended_at - hung_at <= 2.3
        await second.started.wait()
        assert second.started_at > first.ended_at
        assert first.leadership is not None
        assert not first.leadership.valid()
        assert second.leadership is not None
        assert second.leadership.epoch == first.leadership.epoch + 1
        await asyncio.gather(_stop(one), _stop(two))


async def test_release_hands_over_and_the_epoch_goes_on(client: Client, namespace: str) -> None:
    await _ship_lease(client, namespace)
    epochs = []
    for identity in ("one", "two"):
        term = Term()
        task = asyncio.create_task(LeaderElector(client, "lease", namespace, identity, QUICK).run(term.lead))
        await asyncio.wait_for(term.started.wait(), 2.5)
        assert term.leadership is not None
        epochs.append(term.leadership.epoch)
        await _stop(task)
        assert not (await client.get(LEASES, "lease", namespace)).spec.holder_identity
    assert epochs == [1, 2]


async def test_a_deleted_lease_ends_the_term_and_is_made_anew_after_a_wait(
    client: Client, namespace: str
) -> None:
    await _ship_lease(client, namespace)
    terms = [Term(), Term()]
    waiting = iter(terms)

    async def lead(leadership: Leadership) -> None:
        await next(waiting).lead(leadership)

    task = asyncio.create_task(LeaderElector(client, "lease", namespace, "one", QUICK).run(lead))
    async with asyncio.timeout(60):
        await terms[0].started.wait()
        await asyncio.sleep(1)
        await client.delete(LEASES, "lease", namespace)
        await terms[0].ended.wait()
        await terms[1].started.wait()
    assert terms[1].started_at - terms[0].ended_at >= 3.0
    assert terms[1].leadership is not None
    assert await terms[1].leadership.raise_epoch(17) == 17
    assert (await client.get(LEASES, "lease", namespace)).spec.lease_transitions == 17
    await _stop(task)
