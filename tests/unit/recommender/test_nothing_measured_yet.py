"""A reading without a single value is no reason to fail: pods are known, their watts are not."""

from common.api.meta import find_condition
from tests.unit.recommender.builders import policy, table
from tests.unit.recommender.scene import Scene


def test_a_reading_without_values_still_makes_a_status():
    scene = Scene()
    scene.meter.show(table())
    scene.meter.problem = "none of 2 pages can be read"
    status = scene.cycle().advise(policy(power_cap_limit=800))
    assert find_condition(status.conditions, "Ready").reason == "NameplateOnly"
    assert "none of 2 pages can be read" in find_condition(status.conditions, "TelemetryStale").message
    assert status.current_power.estimated_watts == 900
