"""What an informer tells its handlers, and what it keeps from them."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from common.api.core import NAMESPACES, PODS, Namespace
from common.kube import Informer
from common.kube.transport import Request
from tests.fakes.transport import scripted_client, silence
from tests.fakes.wire import bookmark_line, error_line, event_line, namespace_object

pytestmark = pytest.mark.looptime

Seen = list[tuple[str | None, str | None]]


def _record(informer: Informer[Namespace]) -> Seen:
    seen: Seen = []

    def version(item: Namespace | None) -> str | None:
        return f"{item.name}@{item.metadata.resource_version}" if item else None

    informer.on_change(lambda old, new: seen.append((version(old), version(new))))
    return seen


async def _follow(*streams: bytes) -> tuple[Informer[Namespace], Seen]:
    """Serves one stream after the other, each ended by the server."""
    waiting = list(streams)

    async def script(request: Request) -> AsyncIterator[bytes]:
        if not waiting:
            await silence()
        yield waiting.pop(0)

    client, _ = scripted_client(script)
    informer = Informer(client, NAMESPACES)
    seen = _record(informer)
    following = asyncio.create_task(informer.run())
    await asyncio.sleep(20 * len(streams))
    following.cancel()
    return informer, seen


def _picture(version: int, *objects: dict[str, object]) -> bytes:
    return b"".join(event_line("ADDED", each) for each in objects) + bookmark_line(version, initial_end=True)


async def test_added_changed_and_deleted_come_as_pairs() -> None:
    _, seen = await _follow(
        _picture(2, namespace_object("a", 1))
        + event_line("MODIFIED", namespace_object("a", 3))
        + event_line("ADDED", namespace_object("b", 4))
        + event_line("DELETED", namespace_object("a", 5))
    )
    assert seen == [(None, "a@1"), ("a@1", "a@3"), (None, "b@4"), ("a@5", None)]


async def test_after_a_gap_only_real_changes_and_missed_deletions_are_reported() -> None:
    informer, seen = await _follow(
        _picture(5, *(namespace_object(name, 1) for name in "abc")),
        error_line(410, "Expired"),
        _picture(9, namespace_object("a", 1), namespace_object("b", 7), namespace_object("d", 8)),
    )
    assert seen[3:] == [("b@1", "b@7"), (None, "d@8"), ("c@1", None)]
    assert sorted(item.name for item in informer.items()) == ["a", "b", "d"]


async def test_an_object_made_anew_in_a_gap_is_reported_as_deleted_and_added() -> None:
    _, seen = await _follow(
        _picture(5, namespace_object("a", 1, uid="first")),
        error_line(410, "Expired"),
        _picture(9, namespace_object("a", 8, uid="second")),
    )
    assert seen == [(None, "a@1"), ("a@1", None), (None, "a@8")]


async def test_a_change_among_the_initial_events_counts() -> None:
    informer, _ = await _follow(
        event_line("ADDED", namespace_object("a", 1))
        + event_line("ADDED", namespace_object("b", 2))
        + event_line("MODIFIED", namespace_object("a", 3))
        + event_line("DELETED", namespace_object("b", 4))
        + bookmark_line(4, initial_end=True)
    )
    assert [item.metadata.resource_version for item in informer.items()] == ["3"]


async def test_an_object_that_does_not_decode_is_counted_named_and_skipped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad = namespace_object("bad", 2)
    bad["metadata"]["labels"] = "not a mapping"
    lines = _picture(3, namespace_object("a", 1), bad, namespace_object("b", 2))

    async def script(request: Request) -> AsyncIterator[bytes]:
        yield lines + event_line("MODIFIED", bad) + event_line("ADDED", namespace_object("c", 4))
        await silence()

    client, transport = scripted_client(script)
    informer = Informer(client, NAMESPACES)
    following = asyncio.create_task(informer.run())
    await asyncio.sleep(5)
    following.cancel()
    assert [item.name for item in informer.items()] == ["a", "b", "c"]
    assert client.stats.undecodable["namespaces"] == 2
    assert len(transport.requests) == 1  # the stream went on
    assert {record.object for record in caplog.records if hasattr(record, "object")} == {"bad"}


async def test_a_known_object_that_no_longer_decodes_is_not_taken_for_deleted() -> None:
    bad = {
        **namespace_object("a", 8),
        "metadata": {**namespace_object("a", 8)["metadata"], "generation": "eight"},
    }
    informer, seen = await _follow(
        _picture(5, namespace_object("a", 1)), error_line(410, "Expired"), _picture(9, bad)
    )
    assert seen == [(None, "a@1")]
    assert informer.get("a") is not None


async def test_an_object_that_is_deleted_among_the_initial_events_is_gone_whatever_its_content() -> None:
    bad = {**namespace_object("a", 6), "metadata": {**namespace_object("a", 6)["metadata"], "labels": 5}}
    informer, _ = await _follow(
        _picture(5, namespace_object("a", 1)) + error_line(410, "Expired"),
        event_line("ADDED", namespace_object("a", 1))
        + event_line("DELETED", bad)
        + bookmark_line(9, initial_end=True),
    )
    assert informer.items() == []


async def test_a_handler_that_raises_is_logged_counted_and_does_not_stop_the_others() -> None:
    async def script(request: Request) -> AsyncIterator[bytes]:
        yield _picture(3, namespace_object("a", 1), namespace_object("b", 2))
        await silence()

    client, _ = scripted_client(script)
    informer = Informer(client, NAMESPACES)
    informer.on_change(lambda old, new: 1 / 0)  # type: ignore[arg-type, return-value]
    seen = _record(informer)
    following = asyncio.create_task(informer.run())
    await informer.wait_synced()
    assert len(seen) == 2
    assert client.stats.handler_errors["namespaces"] == 2
    following.cancel()


async def test_a_handler_that_comes_late_is_told_what_is_there() -> None:
    informer, _ = await _follow(_picture(3, namespace_object("a", 1)))
    assert _record(informer) == [(None, "a@1")]


async def test_indexes_follow_every_change() -> None:
    def pod(name: str, version: int, node: str) -> dict[str, object]:
        metadata = {"name": name, "namespace": "n", "uid": name, "resourceVersion": str(version)}
        return {"metadata": metadata, "spec": {"nodeName": node, "containers": []}}

    async def script(request: Request) -> AsyncIterator[bytes]:
        yield _picture(3, pod("p", 1, "x"), pod("q", 2, "x"))
        yield event_line("MODIFIED", pod("p", 4, "y"))
        yield event_line("DELETED", pod("q", 5, "x"))
        await silence()

    client, _ = scripted_client(script)
    informer = Informer(client, PODS, indexers={"node": lambda pod: [pod.spec.node_name]})
    following = asyncio.create_task(informer.run())
    await asyncio.sleep(1)
    following.cancel()
    assert [pod.name for pod in informer.by_index("node", "y")] == ["p"]
    assert informer.by_index("node", "x") == []
    with pytest.raises(KeyError):
        informer.by_index("no such index", "x")


async def test_the_end_bookmark_of_pods_with_null_containers_is_understood() -> None:
    bookmark = json.loads(bookmark_line(5, initial_end=True))
    bookmark["object"]["spec"] = {"containers": None}
    bookmark["object"]["status"] = {}

    async def script(request: Request) -> AsyncIterator[bytes]:
        yield json.dumps(bookmark).encode() + b"\n"
        await silence()

    client, _ = scripted_client(script)
    informer = Informer(client, PODS)
    following = asyncio.create_task(informer.run())
    await informer.wait_synced()
    assert client.stats.undecodable["pods"] == 0
    following.cancel()
