"""The history behind a relative cap: one question per window, for all policies."""

import numpy as np
import pytest

from common.telemetry.columns import Matrix
from recommender.input.history import read_cap_histories


class Ranges:
    def __init__(self, *series):
        self.series = series
        self.asked = []

    async def query_range(self, expression, *, start, end, step_seconds):
        self.asked.append((expression, end - start))
        labels = [labels for labels, _ in self.series]
        values = np.array([values for _, values in self.series], dtype=float)
        return Matrix(labels, np.arange(values.shape[1], dtype=float), values)


@pytest.mark.parametrize(
    "labels",
    [
        {"namespace": "ns", "policy": "p"},
        {"namespace": "climatik-project", "exported_namespace": "ns", "policy": "p"},
    ],
    ids=["honored", "exported"],
)
async def test_peak_average_and_coverage(labels):
    ranges = Ranges((labels, [100, np.nan, 300, 200]))
    found = await read_cap_histories(ranges, [3600], 10_000.0)
    history = found["ns/p", 3600]
    assert (history.peak_watts, history.average_watts, history.covered_seconds) == (300, 200, 90)


async def test_one_question_per_distinct_window():
    ranges = Ranges(({"namespace": "ns", "policy": "p"}, [1.0]))
    await read_cap_histories(ranges, [3600, 604_800, 3600], 1_000_000.0)
    assert [window for _, window in ranges.asked] == [3600, 604_800]


async def test_a_policy_without_samples_has_no_history():
    ranges = Ranges(({"namespace": "ns", "policy": "p"}, [np.nan]))
    assert await read_cap_histories(ranges, [3600], 10_000.0) == {}
