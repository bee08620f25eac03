"""Typed calls against the real API server."""

import asyncio
from dataclasses import replace

import pytest

from common.api.core import EVENTS, NAMESPACES, SECRETS, ObjectReference
from common.kube import (
    AlreadyExists,
    Client,
    ClientSettings,
    ClusterConfig,
    Conflict,
    DeadlineExceeded,
    EventRecorder,
    Forbidden,
    Invalid,
    NotFound,
    TlsConfig,
    apply_if_changed,
)
from tests.fakes.api_server import refuse
from tests.fakes.faulty_gateway import FaultyGateway
from tests.fakes.misbehaving_proxy import Fault, MisbehavingProxy


async def test_create_read_replace_patch_and_delete(client: Client, namespace: str) -> None:
    made = await client.create(SECRETS, {"metadata": {"name": "s"}, "data": {"a": "YQ=="}}, namespace)
    assert (await client.get(SECRETS, "s", namespace)).metadata.uid == made.metadata.uid
    with pytest.raises(AlreadyExists):
        await client.create(SECRETS, {"metadata": {"name": "s"}}, namespace)
    changed = await client.patch(SECRETS, "s", {"data": {"b": "Yg=="}}, namespace)
    assert changed.data == {"a": "YQ==", "b": "Yg=="}
    with pytest.raises(Conflict):  # `made` is no longer the present version
        await client.replace(SECRETS, made)
    assert (await client.replace(SECRETS, changed)).data == changed.data
    with pytest.raises(Conflict):
        await client.delete(SECRETS, "s", namespace, uid="another")
    await client.delete(SECRETS, "s", namespace, uid=made.metadata.uid)
    with pytest.raises(NotFound):
        await client.get(SECRETS, "s", namespace)


async def test_dry_run_creates_nothing(client: Client, namespace: str) -> None:
    await client.create(SECRETS, {"metadata": {"name": "s"}}, namespace, dry_run=True)
    with pytest.raises(NotFound):
        await client.get(SECRETS, "s", namespace)


async def test_a_refusal_names_its_causes(client: Client, namespace: str) -> None:
    with pytest.raises(Invalid) as caught:
        await client.create(SECRETS, {"metadata": {"name": "Not A Name"}}, namespace)
    assert [cause.field for cause in caught.value.status.causes] == ["metadata.name"]


async def test_long_lists_come_in_pages(config: ClusterConfig, namespace: str) -> None:
    async with Client(config, settings=ClientSettings(page_size=3)) as client:
        for index in range(8):
            await client.create(SECRETS, {"metadata": {"name": f"s{index}", "labels": {"i": "x"}}}, namespace)
        found = await client.list(SECRETS, namespace, label_selector="i=x")
    assert [item.name for item in found.items] == [f"s{index}" for index in range(8)]


async def test_a_service_account_token_is_carried_and_read_anew(
    client: Client, config: ClusterConfig, namespace: str, tmp_path: object
) -> None:
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/default/token"
    answer = await client.request(
        "POST", path, body={"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": {}}
    )
    assert b'"token"' in answer
    token = answer.split(b'"token":"')[1].split(b'"')[0].decode()
    file = tmp_path / "token"  # type: ignore[operator]
    file.write_text("not a token")
    tls = TlsConfig(ca_file=config.tls.ca_file, ca_data=config.tls.ca_data)
    account = replace(config, tls=tls, token_file=str(file))
    async with Client(account) as limited:
        with pytest.raises(Forbidden, match="401"):
            await limited.get(NAMESPACES, namespace)
        file.write_text(token)
        await asyncio.sleep(1.1)
        with pytest.raises(Forbidden, match="system:serviceaccount"):
            await limited.get(NAMESPACES, namespace)


async def test_a_hanging_server_ends_at_the_deadline(proxy: MisbehavingProxy, proxied: ClusterConfig) -> None:
    async with Client(proxied, settings=ClientSettings(deadline_seconds=1.0)) as client:
        await client.get(NAMESPACES, "default")
        proxy.misbehave(Fault.HANG)
        with pytest.raises(DeadlineExceeded):
            await client.get(NAMESPACES, "default")
        proxy.misbehave(Fault.NONE)
        assert (await client.get(NAMESPACES, "default")).name == "default"


@pytest.mark.parametrize("retry_after", ["", "1"])
@pytest.mark.parametrize("code", [429, 503])
async def test_an_overloaded_server_is_asked_again(
    gateway: FaultyGateway, code: int, retry_after: str
) -> None:
    gateway.inject = lambda request: (
        refuse(code, "busy", retry_after=retry_after) if len(gateway.requests) < 3 else None
    )
    async with Client(gateway.config) as client:
        started = asyncio.get_running_loop().time()
        assert (await client.get(NAMESPACES, "default")).name == "default"
    assert len(gateway.requests) == 3
    assert asyncio.get_running_loop().time() - started >= (2.0 if retry_after else 0.3)


async def test_the_offset_of_the_servers_clock_is_found(client: Client) -> None:
    for _ in range(5):
        await client.get(NAMESPACES, "default")
        await asyncio.sleep(0.21)
    assert abs(client.server_clock_offset_seconds) <= 0.6


async def test_apply_writes_once_and_only_what_changed(client: Client, namespace: str) -> None:
    desired = {"metadata": {"name": "s", "namespace": namespace, "labels": {"a": "1"}}, "data": {"k": "YQ=="}}
    live = await apply_if_changed(client, SECRETS, None, desired, field_manager="test")
    assert live is not None
    assert await apply_if_changed(client, SECRETS, live, desired, field_manager="test") is None
    del desired["metadata"]["labels"]  # type: ignore[attr-defined]
    live = await apply_if_changed(client, SECRETS, live, desired, field_manager="test")
    assert live is not None
    assert live.metadata.labels == {}  # ours before, left out now, gone
    stale = {
        **desired,
        "metadata": {"name": "s", "namespace": namespace, "resourceVersion": "1"},
        "data": {"k": "Yg=="},
    }
    with pytest.raises(Conflict):
        await apply_if_changed(client, SECRETS, live, stale, field_manager="test")


async def test_events_are_counted_up_on_the_server(client: Client, namespace: str) -> None:
    recorder = EventRecorder(client, "climatik-test")
    regarding = ObjectReference(api_version="v1", kind="Secret", name="s", namespace=namespace, uid="u")
    writing = asyncio.create_task(recorder.run())
    for _ in range(3):
        recorder.event(regarding, "Normal", "Capped", "limited to 300 W")
    async with asyncio.timeout(20):
        while True:
            events = (await client.list(EVENTS, namespace, field_selector="reason=Capped")).items
            if events and events[0].count == 3:
                break
            await asyncio.sleep(0.05)
    assert len(events) == 1
    assert events[0].reporting_component == "climatik-test"
    writing.cancel()
