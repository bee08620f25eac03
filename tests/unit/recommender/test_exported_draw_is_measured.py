"""The draw that is exported is measured now: relative caps and forecasts are derived from its history."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from recommender.routine import KIND_POLICY, Routine, Task
from tests.fakes.clock import FakeClock
from tests.unit.recommender.builders import NOW, policy
from tests.unit.recommender.scene import Scene

MEASURED = 'climatik_policy_watts{namespace="ns",policy="cap"} 900.0'
CAP = 'climatik_policy_cap_watts{namespace="ns",policy="cap"} 1000'


class Bench:
    """A routine over a scene."""

    def __init__(self):
        self.scene = Scene()
        live = policy(power_cap_limit=1000)
        policies = SimpleNamespace(get=lambda name, namespace: live)
        writer = SimpleNamespace(write_policy=self._ignore)
        self.routine = Routine(
            SimpleNamespace(policies=policies), self.scene.engine, writer, self.scene.metrics, FakeClock(NOW)
        )

    async def _ignore(self, *_):
        return False

    async def page(self, later=NOW):
        self.scene.cycle(later)
        await self.routine.handle(Task(KIND_POLICY, "ns", "cap"))
        return self.routine.page.render().decode().splitlines()


def _stale(bench):
    return NOW + timedelta(seconds=100)


def _without_pods(bench):
    bench.scene.objects = type(bench.scene.objects)(nodes=bench.scene.objects.nodes)
    return NOW


def _broken(bench):
    bench.scene.engine.advise = None
    return NOW


@pytest.mark.parametrize("change", [_stale, _without_pods, _broken])
async def test_what_is_no_longer_measured_is_no_longer_exported_but_its_cap_is(change):
    bench = Bench()
    bench.scene.measure()
    page = await bench.page()
    assert {MEASURED, CAP} <= set(page)
    page = await bench.page(change(bench))
    assert not [line for line in page if "_watts{" in line and "cap_watts" not in line]
    assert (CAP in page) is (change is not _broken), "a broken one's cap is the last that its status told"
    assert bench.routine.page.drawn() == {"ns/cap": None}
