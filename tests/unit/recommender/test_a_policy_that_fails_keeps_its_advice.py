"""An error ends with the object that caused it, and lifts no limit."""

from datetime import timedelta
from types import SimpleNamespace

from prometheus_client import CollectorRegistry

from common.api.meta import find_condition
from recommender.output.metrics import RecommenderMetrics
from recommender.routine import KIND_POLICY, Routine, Task
from tests.fakes.clock import FakeClock
from tests.unit.recommender.builders import NOW, policy
from tests.unit.recommender.scene import Scene


class Engine:
    """Cannot advise on anything."""

    def advise(self, policy, now):
        raise ZeroDivisionError("division by zero")


class Writer:
    """Remembers what it was to write."""

    def __init__(self):
        self.written = []

    async def write_policy(self, policy, status, now):
        self.written.append(status)
        return True


async def failed(live):
    writer, metrics = Writer(), RecommenderMetrics(CollectorRegistry())
    cluster = SimpleNamespace(policies=SimpleNamespace(get=lambda name, namespace: live))
    await Routine(cluster, Engine(), writer, metrics, FakeClock()).handle(Task(KIND_POLICY, "ns", "cap"))
    return writer.written[0], metrics


async def test_the_last_advice_stays_with_its_time_and_the_condition_says_so():
    scene = Scene()
    scene.measure()
    before = scene.cycle().advise(policy(power_cap_limit=600), NOW - timedelta(seconds=60))
    status, metrics = await failed(policy(power_cap_limit=600, status=before))
    assert status.recommendation == before.recommendation
    assert (status.last_updated, status.observed_generation) == (before.last_updated, 3)
    (ready,) = status.conditions
    assert (ready.type, ready.status, ready.reason) == ("Ready", "False", "Failed")
    assert "ZeroDivisionError: division by zero" in ready.message
    assert "the last advice stays" in ready.message
    labels = {"kind": "policy", "reason": "ZeroDivisionError"}
    assert metrics.registry.get_sample_value("climatik_recommender_failures_total", labels) == 1


async def test_a_policy_that_was_never_advised_on_only_gets_the_condition():
    status, _ = await failed(policy(power_cap_limit=600))
    assert status.recommendation is None
    assert find_condition(status.conditions, "Ready").observed_generation == 3
