"""Delivery: grouped, bounded in rate, patient with a sink that is down, silent in quiet hours."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from prometheus_client import CollectorRegistry

from admission.alerts.metrics import AlertMetrics
from admission.alerts.outbox import Outbox
from admission.alerts.quiet import QuietHours
from admission.alerts.sender import Manners, Sender
from common.alerts.notice import CRITICAL
from common.alerts.sink import SinkFailed, SinkRefused
from tests.unit.alerts.notices_for_tests import RecordingSink, notice

pytestmark = pytest.mark.looptime

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
PEOPLE = Manners(messages_per_minute=6, burst=10, gather_seconds=5)


class LoopClock:
    """Wall time that follows the loop's own, which the tests wind forward."""

    def now(self):
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self):
        return asyncio.get_running_loop().time()


class Setup:
    def __init__(self, folder, manners, sink):
        self.sink = sink
        self.registry = CollectorRegistry()
        metrics = AlertMetrics(self.registry)
        outbox = Outbox(folder / "sink.json", 1000, metrics.dropped.labels(sink.name).inc)
        self.sender = Sender(sink, outbox, manners, LoopClock(), metrics)

    def count(self, name):
        return self.registry.get_sample_value(f"climatik_alerts_{name}", {"sink": "recording"})


@asynccontextmanager
async def running(folder, manners=PEOPLE, sink=None):
    setup = Setup(folder, manners, sink or RecordingSink())
    task = asyncio.create_task(setup.sender.run())
    try:
        yield setup
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_begins_together_is_one_message(tmp_path):
    async with running(tmp_path) as setup:
        setup.sender.put([notice("a")])
        await asyncio.sleep(2)
        setup.sender.put([notice("b"), notice("c")])
        await asyncio.sleep(10)
        assert [len(batch) for batch in setup.sink.batches] == [3]
        assert setup.count("sent_total") == 3
        assert setup.count("queued") == 0


async def test_sink_down_for_an_hour_loses_nothing_and_floods_nobody(tmp_path):
    async with running(tmp_path) as setup:
        setup.sink.down = True
        for minute in range(60):  # two hundred alerts, each begins and ends several times over the hour
            ended = f"2026-01-01T12:{minute:02}:00Z" if minute % 2 else ""
            setup.sender.put([notice(f"p{i}", ended_at=ended) for i in range(200)])
            await asyncio.sleep(60)
        assert setup.sink.attempts < 60
        setup.sink.down = False
        await asyncio.sleep(600)
        assert sorted(each.subject.name for each in setup.sink.told) == sorted(f"p{i}" for i in range(200))
        assert len(setup.sink.batches) == 5
        assert setup.count("failures_total") == setup.sink.attempts - 5
        assert setup.count("queued") == 0


async def test_restart_in_the_middle_of_an_outage_loses_nothing(tmp_path):
    down = RecordingSink()
    down.down = True
    async with running(tmp_path, sink=down) as setup:
        setup.sender.put([notice("a")])
        await asyncio.sleep(60)
    async with running(tmp_path) as setup:
        await asyncio.sleep(6)
        assert [each.subject.name for each in setup.sink.told] == ["a"]


async def test_rate_is_bounded_and_what_waits_is_told_later(tmp_path):
    async with running(tmp_path, Manners(messages_per_minute=6, burst=2)) as setup:
        setup.sender.put([notice("a", name=f"Fact{i}") for i in range(8)])
        await asyncio.sleep(1)
        assert len(setup.sink.batches) == 2
        await asyncio.sleep(20)
        assert len(setup.sink.batches) == 4
        await asyncio.sleep(60)
        assert len(setup.sink.batches) == 8


async def test_wait_that_the_sink_asks_for_is_honoured(tmp_path):
    async with running(tmp_path) as setup:
        setup.sink.down, setup.sink.error = True, SinkFailed("busy", retry_after_seconds=500)
        setup.sender.put([notice("a")])
        await asyncio.sleep(490)
        assert setup.sink.attempts == 1
        await asyncio.sleep(30)
        assert setup.sink.attempts == 2


async def test_refused_notice_is_dropped_counted_and_blocks_nothing(tmp_path):
    async with running(tmp_path) as setup:
        setup.sink.down, setup.sink.error = True, SinkRefused("malformed")
        setup.sender.put([notice("a")])
        await asyncio.sleep(10)
        setup.sink.down = False
        setup.sender.put([notice("b")])
        await asyncio.sleep(10)
        assert [each.subject.name for each in setup.sink.told] == ["b"]
        assert setup.count("dropped_total") == 1


async def test_quiet_hours_let_through_what_is_critical_and_keep_the_rest(tmp_path):
    quiet = QuietHours(time(12), time(13), ZoneInfo("UTC"))
    async with running(tmp_path, Manners(quiet=quiet)) as setup:
        setup.sender.put([notice("a"), notice("b", CRITICAL)])
        await asyncio.sleep(3500)
        assert [each.subject.name for each in setup.sink.told] == ["b"]
        await asyncio.sleep(200)
        assert [each.subject.name for each in setup.sink.told] == ["b", "a"]


async def test_sink_that_wants_to_hear_it_again_does_while_it_fires(tmp_path):
    async with running(tmp_path, Manners(), RecordingSink(resend_seconds=60)) as setup:
        setup.sender.put([notice("a")])
        for _ in range(50):
            setup.sender.repeat([notice("a")])
            await asyncio.sleep(5)
        assert len(setup.sink.batches) == 5
        setup.sender.repeat([])
        setup.sender.put([notice("a", ended_at="2026-01-01T00:10:00Z")])
        await asyncio.sleep(300)
        assert [each.state for each in setup.sink.told][-1] == "resolved"
        assert len(setup.sink.batches) == 6
