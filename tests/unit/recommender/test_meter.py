"""The meter survives whatever Prometheus does, and says what is wrong."""

import numpy as np

from common.telemetry.columns import Vector
from common.telemetry.errors import TelemetryUnavailableError
from recommender.input.meter import Meter
from tests.unit.recommender.builders import NOW


class Clock:
    seconds = 0.0

    def now(self):
        return NOW

    def monotonic(self):
        return self.seconds


class Answers:
    """Knows some series; fails while `error` is set; counts detections."""

    def __init__(self, *names):
        self.names = names
        self.error = None
        self.detections = 0

    async def query(self, expression, *, at=None):
        if self.error:
            raise self.error
        if expression.startswith("count by"):
            self.detections += 1
            labels = [{"__name__": name} for name in self.names]
        else:
            labels = [{"node": "a"}]
        count = len(labels)
        return Vector(labels, np.zeros(count), np.full(count, at or 0.0))


async def test_without_prometheus_it_says_how_to_name_one():
    meter = Meter(None, Clock(), 30)
    assert await meter.read() is False
    assert meter.problem == "no Prometheus is configured: set --prometheus-url"


async def test_a_failure_keeps_the_last_reading_and_is_told():
    answers = Answers("climatik_node_watts")
    meter = Meter(answers, Clock(), 30)
    assert await meter.read()
    first = meter.last
    answers.error = TelemetryUnavailableError("no connection")
    assert await meter.read() is False
    assert (meter.last, meter.problem) == (first, "no connection")
    answers.error = None
    assert await meter.read()
    assert meter.problem == ""


async def test_a_failure_is_logged_once_the_very_first_reading_included(caplog):
    answers = Answers("climatik_node_watts")
    meter = Meter(answers, Clock(), 30)
    for error in (TelemetryUnavailableError("refused"), TelemetryUnavailableError("refused"), None, None):
        answers.error = error
        await meter.read()
    answers.error = TelemetryUnavailableError("refused again")
    await meter.read()
    assert [one.error for one in caplog.records] == ["refused", "refused again"]


async def test_a_prometheus_without_power_names_the_sources_looked_for():
    meter = Meter(Answers(), Clock(), 30)
    await meter.read()
    assert "no power series of any known source (climatik, dcgm, kepler" in meter.problem


async def read_each_second(meter, clock, seconds):
    for _ in range(seconds):
        clock.seconds += 1
        await meter.read()


async def test_sources_that_stay_the_same_are_looked_for_ever_less_often():
    answers, clock = Answers("climatik_node_watts"), Clock()
    meter = Meter(answers, clock, 30)
    seen = []
    for seconds in range(122):
        clock.seconds = seconds
        before = answers.detections
        await meter.read()
        seen += [seconds] * (answers.detections - before)
    assert seen == [0, 1, 3, 7, 15, 31, 61, 91, 121]


async def test_an_exporter_that_is_scraped_a_moment_after_the_agents_is_soon_read():
    answers, clock = Answers("climatik_node_watts"), Clock()
    meter = Meter(answers, clock, 30)
    await read_each_second(meter, clock, 1)
    answers.names = ("climatik_node_watts", "DCGM_FI_DEV_POWER_USAGE")
    await read_each_second(meter, clock, 2)
    assert meter.last.sources == ("climatik", "dcgm")


async def test_one_new_source_is_a_reason_to_expect_more():
    answers, clock = Answers("climatik_node_watts"), Clock()
    meter = Meter(answers, clock, 30)
    await read_each_second(meter, clock, 100)
    answers.names = (*answers.names, "DCGM_FI_DEV_POWER_USAGE")
    await read_each_second(meter, clock, 30)
    before = answers.detections
    await read_each_second(meter, clock, 10)
    assert answers.detections > before
