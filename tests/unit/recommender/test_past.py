"""The recorded past: whole-cluster questions, a day at a time, and days that cannot be read are gaps."""

import re

import numpy as np
import pytest

from common.models.ahead import AheadSettings
from common.telemetry.columns import Matrix
from common.telemetry.errors import TelemetryUnavailableError
from recommender.input.past import FAMILIES, read_past

SETTINGS = AheadSettings()
AT = 1_700_000_123.0
POLICY, DOMAIN, TOKENS = FAMILIES


class Recorder:
    """A server that has two policies, one of them for the last three days only."""

    def __init__(self, broken_days=()):
        self.asked = []
        self.broken = broken_days

    async def query_range(self, expression, *, start, end, step_seconds):
        self.asked.append((expression, start, end, step_seconds))
        if (len(self.asked) - 1) // 3 in self.broken:
            self.asked += [self.asked[-1]] * 2  # a day that fails is left at its first question
            raise TelemetryUnavailableError("no answer")
        times = np.arange(start, end + 1, step_seconds)
        values = np.stack([np.full(times.size, 500.0), np.where(times > AT - 3 * 86400, 200.0, np.nan)])
        if "max_over" in expression:
            values = values * 1.1
        labels = [
            {"namespace": "climatik-project", "exported_namespace": "ns", "policy": "a"},
            {"namespace": "ns", "policy": "b"},
        ]
        return Matrix(labels, times, values)


async def test_every_question_is_for_the_whole_cluster_and_under_the_servers_limits():
    server = Recorder()
    await read_past(server, POLICY, AT, SETTINGS)
    assert len(server.asked) == 3 * 14
    for expression, start, end, step in server.asked:
        assert (end - start) / step + 1 <= 288
        assert re.search(r"max by \(namespace, exported_namespace, policy\)", expression)
        assert "ns" not in re.sub(r"namespace", "", expression)


async def test_columns_are_where_their_times_are():
    past = await read_past(Recorder(), POLICY, AT, SETTINGS)
    assert past.names == ["policy/ns/a", "policy/ns/b"]
    assert past.end == AT // 300 * 300
    assert np.isfinite(past.means[0]).all()
    assert np.isfinite(past.means[1]).sum() == pytest.approx(3 * 288, abs=2)
    assert np.nanmax(past.peaks[0]) == pytest.approx(550)


async def test_a_day_that_cannot_be_read_is_a_gap():
    past = await read_past(Recorder(broken_days={4}), POLICY, AT, SETTINGS)
    gap = np.isnan(past.means[0])
    assert gap.sum() == 288
    assert gap[4 * 288 : 5 * 288].all()


class Nothing:
    async def query_range(self, expression, **_):
        return Matrix([], np.zeros(0), np.zeros((0, 0)))


async def test_nothing_recorded_is_no_past():
    assert await read_past(Nothing(), DOMAIN, AT, SETTINGS) is None


def test_names_of_series():
    assert DOMAIN.name({"domain": "row-1"}) == "domain/row-1"
    assert TOKENS.name({"namespace": "ns", "policy": "a"}) == "load/ns/a"
