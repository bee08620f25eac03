"""The work queue: no key twice, none lost, failures later and later."""

import asyncio
import logging

import pytest

from common.kube import NotFound, QueueSettings, RetryableError, WorkQueue, run_workers
from common.kube.errors import Status

pytestmark = pytest.mark.looptime


async def test_a_key_that_waits_is_there_once() -> None:
    queue: WorkQueue[str] = WorkQueue()
    for key in ("a", "b", "a", "a"):
        queue.add(key)
    assert len(queue) == 2
    assert [await queue.get(), await queue.get()] == ["a", "b"]


async def test_a_key_added_while_it_is_worked_on_comes_again_and_only_afterwards() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("a")
    assert await queue.get() == "a"
    queue.add("a")
    queue.add("a")
    assert len(queue) == 0
    queue.done("a")
    assert await queue.get() == "a"
    queue.done("a")
    assert len(queue) == 0


async def test_of_several_later_times_the_earliest_counts() -> None:
    queue: WorkQueue[str] = WorkQueue()
    started = asyncio.get_running_loop().time()
    queue.add_after("a", 9)
    queue.add_after("a", 3)
    queue.add_after("a", 6)
    await queue.get()
    assert asyncio.get_running_loop().time() - started == pytest.approx(3, abs=0.01)
    queue.done("a")
    await asyncio.sleep(20)
    assert len(queue) == 0


async def test_pauses_double_per_key_up_to_the_maximum_and_forget_starts_again() -> None:
    queue: WorkQueue[str] = WorkQueue(QueueSettings(first_backoff_seconds=0.005, max_backoff_seconds=1.0))
    pauses = [queue.retry("a") for _ in range(10)]
    assert pauses[:4] == pytest.approx([0.005, 0.01, 0.02, 0.04])
    assert pauses[-1] == 1.0
    assert queue.retry("b") == pytest.approx(0.005)
    queue.forget("a")
    assert queue.retry("a") == pytest.approx(0.005)


async def test_all_keys_together_are_held_to_ten_retries_a_second_after_a_burst() -> None:
    queue: WorkQueue[int] = WorkQueue()
    pauses = [queue.retry(key) for key in range(200)]
    assert max(pauses[:100]) == pytest.approx(0.005)
    assert pauses[199] == pytest.approx(10.0)


async def test_workers_never_share_a_key_and_lose_no_change() -> None:
    queue: WorkQueue[int] = WorkQueue()
    working: set[int] = set()
    wanted, seen = dict.fromkeys(range(5), 0), dict.fromkeys(range(5), 0)

    async def handle(key: int) -> None:
        assert key not in working
        working.add(key)
        seen[key] = wanted[key]
        await asyncio.sleep(0.03)
        working.discard(key)

    workers = asyncio.create_task(run_workers(queue, handle, workers=4))
    for change in range(100):
        wanted[change % 5] = change
        queue.add(change % 5)
        await asyncio.sleep(0.007)
    await asyncio.sleep(1)
    workers.cancel()
    assert seen == wanted


async def test_a_retryable_error_waits_at_least_as_long_as_the_server_wished() -> None:
    queue: WorkQueue[str] = WorkQueue()
    times: list[float] = []

    async def handle(key: str) -> None:
        times.append(asyncio.get_running_loop().time())
        if len(times) == 1:
            raise RetryableError("busy", retry_after_seconds=7.0)

    queue.add("a")
    workers = asyncio.create_task(run_workers(queue, handle))
    await asyncio.sleep(30)
    workers.cancel()
    assert len(times) == 2
    assert times[1] - times[0] == pytest.approx(7.0, abs=0.01)
    assert queue.failures("a") == 0


async def test_a_permanent_error_drops_the_key_with_a_log_line(caplog: pytest.LogCaptureFixture) -> None:
    queue: WorkQueue[str] = WorkQueue()
    calls: list[str] = []

    async def handle(key: str) -> None:
        calls.append(key)
        raise NotFound(Status(code=404, reason="NotFound"))

    queue.add("a")
    workers = asyncio.create_task(run_workers(queue, handle))
    await asyncio.sleep(60)
    workers.cancel()
    assert calls == ["a"]
    assert any(record.levelno == logging.ERROR for record in caplog.records)


async def test_a_bug_in_the_handler_never_ends_the_workers() -> None:
    queue: WorkQueue[str] = WorkQueue()
    handled: list[str] = []

    async def handle(key: str) -> None:
        handled.append(key)
        if key == "bad":
            raise ZeroDivisionError

    workers = asyncio.create_task(run_workers(queue, handle))
    queue.add("bad")
    await asyncio.sleep(1)
    queue.add("good")
    await asyncio.sleep(1)
    workers.cancel()
    assert "good" in handled
    assert handled.count("bad") > 3
