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


async def test_sources_are_looked_for_now_and_then():
    answers, clock = Answers("climatik_node_watts"), Clock()
    meter = Meter(answers, clock, 30)
    for seconds, detections in ((0, 1), (10, 1), (31, 2)):
        clock.seconds = seconds
        await meter.read()
        assert answers.detections == detections
