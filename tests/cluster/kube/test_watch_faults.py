"""Informers on the real API server, through things that break on the way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from common.api.core import PODS, SECRETS, Secret
from common.kube import Client, ClusterConfig, Informer, WatchSettings
from tests.cluster.in_process import working
from tests.fakes.api_server import refuse
from tests.fakes.faulty_gateway import FaultyGateway
from tests.fakes.misbehaving_proxy import Fault, MisbehavingProxy

QUICK = WatchSettings(
    first_backoff_seconds=0.05, max_backoff_seconds=0.4, silence_seconds=2.0, healthy_seconds=0.5
)


@asynccontextmanager
async def following(config: ClusterConfig, namespace: str) -> AsyncIterator[Informer[Secret]]:
    async with Client(config) as client:
        informer = Informer(client, SECRETS, namespace=namespace, settings=QUICK)
        async with working(informer.run()):
            await asyncio.wait_for(informer.wait_synced(), 20)
            yield informer


async def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    """Waits for something to come true; that it does not is a failure, not an error."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - waits for the server, not for a task
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"did not come true within {seconds} s")


async def make(client: Client, namespace: str, name: str, **data: str) -> Secret:
    return await client.create(SECRETS, {"metadata": {"name": name}, "data": data}, namespace)


async def test_first_picture_and_changes_come_over_one_watch_list(
    client: Client, gateway: FaultyGateway, namespace: str
) -> None:
    await make(client, namespace, "before")
    async with following(gateway.config, namespace) as informer:
        assert informer.get("before", namespace) is not None
        await make(client, namespace, "after")
        await until(lambda: informer.get("after", namespace))
        await client.delete(SECRETS, "after", namespace)
        await until(lambda: informer.get("after", namespace) is None)
    assert [request.query.get("sendInitialEvents") for request in gateway.requests] == ["true"]


async def test_the_real_refusal_of_watch_list_leads_to_lists(
    client: Client, gateway: FaultyGateway, namespace: str
) -> None:
    def without_the_feature(request: web.Request) -> web.Response | None:
        if "sendInitialEvents" not in request.query:
            return None
        forbidden = "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"
        return refuse(422, "Invalid", f"sendInitialEvents: Forbidden: {forbidden}")

    gateway.inject = without_the_feature
    await make(client, namespace, "before")
    async with following(gateway.config, namespace) as informer:
        await make(client, namespace, "after")
        await until(lambda: informer.get("after", namespace))
    assert sum("sendInitialEvents" in request.query for request in gateway.requests) == 1


async def test_a_hanging_connection_is_noticed_and_what_was_missed_is_made_up_for(
    client: Client, proxy: MisbehavingProxy, proxied: ClusterConfig, namespace: str
) -> None:
    await make(client, namespace, "goes")
    async with following(proxied, namespace) as informer:
        lost: list[str] = []
        informer.on_change(lambda old, new: lost.append(old.name) if old and not new else None)
        proxy.misbehave(Fault.HANG)
        await make(client, namespace, "comes")
        await client.delete(SECRETS, "goes", namespace)
        await asyncio.sleep(2.5)  # longer than a watch may be silent
        assert informer.get("comes", namespace) is None
        proxy.misbehave(Fault.NONE)
        await until(lambda: informer.get("comes", namespace))
        await until(lambda: "goes" in lost)


async def test_broken_connections_are_made_anew(
    client: Client, proxy: MisbehavingProxy, proxied: ClusterConfig, namespace: str
) -> None:
    async with following(proxied, namespace) as informer:
        before = proxy.connections
        for index in range(3):
            proxy.cut()
            await make(client, namespace, f"after-{index}")
            await until(lambda index=index: informer.get(f"after-{index}", namespace))
        assert {item.name for item in informer.items()} == {"after-0", "after-1", "after-2"}
        assert proxy.connections >= before + 3  # each cut ended one


async def test_a_server_that_closes_at_once_is_not_hammered(
    client: Client, proxy: MisbehavingProxy, proxied: ClusterConfig, namespace: str
) -> None:
    async with following(proxied, namespace) as informer:
        proxy.misbehave(Fault.CLOSE)
        proxy.cut()
        before = proxy.connections
        await asyncio.sleep(3)
        assert (
            proxy.connections - before <= 40
        )  # 3 s of pauses of 0.27 s and more, two connections each at most
        proxy.misbehave(Fault.NONE)
        await make(client, namespace, "after")
        await until(lambda: informer.get("after", namespace))


async def test_a_stream_cut_inside_an_event_loses_and_invents_nothing(
    client: Client, gateway: FaultyGateway, namespace: str
) -> None:
    for index in range(5):
        await make(client, namespace, f"s-{index}", value="x" * 400)
    gateway.cut_after_bytes = 1500

    async with Client(gateway.config) as through:
        informer = Informer(through, SECRETS, namespace=namespace, settings=QUICK)
        async with working(informer.run()):
            await until(lambda: through.stats.watches["secrets", "ConnectionFailed"] >= 2)
            assert not informer.synced
            gateway.cut_after_bytes = None
            await asyncio.wait_for(informer.wait_synced(), 20)
            assert len(informer) == 5


@pytest.mark.parametrize(
    "refusal",
    [
        lambda: refuse(410, "Expired", "too old resource version"),
        lambda: refuse(429, "TooManyRequests"),
        lambda: refuse(429, "TooManyRequests", retry_after="1"),
        lambda: refuse(503, "ServiceUnavailable"),
        lambda: refuse(503, "ServiceUnavailable", retry_after="1"),
    ],
    ids=["410", "429", "429 with Retry-After", "503", "503 with Retry-After"],
)
async def test_refusals_pass_without_a_storm_and_without_a_loss(
    client: Client, gateway: FaultyGateway, namespace: str, refusal: Callable[[], web.Response]
) -> None:
    async with following(gateway.config, namespace) as informer:
        gateway.requests.clear()
        gateway.cut_after_bytes = 1
        await make(client, namespace, "missed")
        await until(lambda: gateway.requests or informer.seconds_since_activity > 1)
        gateway.cut_after_bytes = None
        gateway.inject = lambda request: refusal()
        await asyncio.sleep(3)
        gateway.inject = lambda request: None
        await until(lambda: informer.get("missed", namespace))
        assert len(gateway.requests) <= 25


async def test_an_event_of_more_than_a_megabyte_passes(
    client: Client, gateway: FaultyGateway, namespace: str
) -> None:
    async with following(gateway.config, namespace) as informer:
        await make(client, namespace, "big", value="A" * 1_000_000)
        await until(lambda: informer.get("big", namespace))
        (big,) = informer.items()
        assert big.data["value"] == "A" * 1_000_000


async def test_the_bookkeeping_of_pods_is_dropped_and_indexes_work(client: Client, namespace: str) -> None:
    pod = {
        "metadata": {"name": "p"},
        "spec": {"schedulerName": "none", "containers": [{"name": "c", "image": "i"}]},
    }
    await client.create(PODS, pod, namespace)
    informer = Informer(
        client,
        PODS,
        namespace=namespace,
        indexers={"image": lambda p: [c.image for c in p.spec.containers or []]},
    )
    async with working(informer.run()):
        await asyncio.wait_for(informer.wait_synced(), 20)
        assert [each.name for each in informer.by_index("image", "i")] == ["p"]
