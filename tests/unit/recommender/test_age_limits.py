"""Each source past its own age limit is not used, and the condition names source, age, limit and remedy."""

from datetime import timedelta

import pytest

from common.api.meta import find_condition
from common.telemetry.dialects import DIALECTS
from tests.unit.recommender.builders import NOW, policy, table
from tests.unit.recommender.scene import Scene

ROWS = {
    "climatik": ("gpu", "n1", "GPU-n1-0"),
    "dcgm": ("gpu", "n1", "GPU-n1-0", "ns", "p0", "server"),
    "kepler": ("pod", "n1", "", "ns", "p0"),
    "kepler-0.9": ("package", "n1", "0"),
}


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
@pytest.mark.parametrize("beyond", [-1.0, 1.0], ids=["within", "past"])
def test_the_limit_of_a_source(dialect, beyond):
    scene = Scene()
    scene.meter.show(table(**{dialect.name: [(ROWS[dialect.name], 100.0)]}))
    later = NOW + timedelta(seconds=dialect.age_limit_seconds + beyond)
    stale = find_condition(
        scene.cycle(later).advise(policy(power_cap_limit=800), later).conditions, "TelemetryStale"
    )
    assert (stale.status == "True") == (beyond > 0)
    used = scene.engine.telemetry.draws
    assert bool(used.nodes or used.pods) == (beyond < 0)
    if beyond > 0:
        assert f"{dialect.name} has been silent for more than" in stale.message
        assert f"(limit {dialect.age_limit_seconds:g} s) on n1: {dialect.remedy}." in stale.message
        assert "nothing is raised until it is back" in stale.message
