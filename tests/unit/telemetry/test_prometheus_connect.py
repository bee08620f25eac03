"""A PrometheusConnect that the user brings answers as our own client does."""

import threading

import numpy as np
import pytest

from common.telemetry.errors import TelemetryRefusedError, TelemetryUnavailableError
from common.telemetry.prometheus_connect import ConnectedPrometheus

NODE = {"__name__": "climatik_node_watts", "node": "a"}


class FakeConnect:
    """The two methods of prometheus-api-client that are used, with its answers."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def custom_query(self, query, params=None, timeout=None):
        self.asked.append((query, params))
        return self._result()

    def custom_query_range(self, query, start_time, end_time, step, params=None, timeout=None):
        self.asked.append((query, step, params))
        return self._result()

    def _result(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_an_instant_answer_becomes_columns():
    connect = FakeConnect([{"metric": NODE, "value": [12.5, "900"]}])
    answer = await ConnectedPrometheus(connect).query("climatik_node_watts", at=12.5)
    assert list(answer.labels) == [NODE]
    assert answer.values.tolist() == [900.0]
    assert connect.asked == [("climatik_node_watts", {"time": "12.500"})]


async def test_a_range_keeps_fractions_of_seconds_and_gaps():
    connect = FakeConnect([{"metric": NODE, "values": [[10.5, "1"], [20.5, "3"]]}])
    matrix = await ConnectedPrometheus(connect).query_range("x", start=10.5, end=20.5, step_seconds=5)
    np.testing.assert_array_equal(matrix.values, [[1.0, np.nan, 3.0]])
    assert connect.asked == [("x", "5", {"start": "10.500", "end": "20.500"})]


async def test_whatever_the_library_raises_is_an_error_of_telemetry():
    failing = ConnectedPrometheus(FakeConnect(ConnectionError("HTTP Status Code 503")))
    with pytest.raises(TelemetryUnavailableError, match="503"):
        await failing.query("x")


@pytest.mark.parametrize("answer", [[{"metric": NODE}], [1.0, "2"]], ids=["matrix", "scalar"])
async def test_what_is_not_a_vector_is_refused(answer):
    with pytest.raises(TelemetryRefusedError):
        await ConnectedPrometheus(FakeConnect(answer)).query("x")


async def test_a_call_that_hangs_is_given_up():
    class Hanging(FakeConnect):
        def custom_query(self, query, params=None):
            released.wait(5)
            return []

    released = threading.Event()
    with pytest.raises(TelemetryUnavailableError, match=r"0\.05 s"):
        await ConnectedPrometheus(Hanging([]), deadline_seconds=0.05).query("x")
    released.set()
