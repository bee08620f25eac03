"""Stale telemetry is named, not used, and nothing is raised meanwhile."""

from datetime import timedelta

from common.api.meta import ObjectMeta, find_condition
from common.api.plan import PlanEntry, PlanSpec, PlanStatus, PowerPlan
from tests.unit.recommender.builders import NOW, domain, policy
from tests.unit.recommender.scene import Scene

LATER = NOW + timedelta(seconds=100)


def stale(status):
    return find_condition(status.conditions, "TelemetryStale")


def planned(engine):
    return {entry.name: entry.watts for _, _, status in engine.plans for entry in status.entries}


def test_a_reading_that_grows_old_is_not_used():
    scene = Scene()
    scene.measure()
    status = scene.cycle(LATER).advise(policy(power_cap_limit=800), LATER)
    assert status.current_power.measured_pods == 0
    assert stale(status).status == "True"
    assert "climatik has been silent for more than a minute (limit 30 s) on n1, n2" in stale(status).message
    assert "check that the node agent runs there" in stale(status).message
    assert find_condition(status.conditions, "WithinCap").status == "Unknown"


def test_the_last_limits_stay_while_telemetry_is_stale():
    scene = Scene()
    scene.measure()
    first = scene.cycle().advise(policy(power_cap_limit=800))
    raised = policy(power_cap_limit=850, status=first)
    status = scene.cycle(LATER).advise(raised, LATER)
    assert _limits(status) == _limits(first)
    assert _limits(scene.cycle().advise(raised)) != _limits(first)


def test_a_lower_cap_is_obeyed_although_telemetry_is_stale():
    scene = Scene()
    scene.measure()
    first = scene.cycle().advise(policy(power_cap_limit=800))
    status = scene.cycle(LATER).advise(policy(power_cap_limit=500, status=first), LATER)
    assert sum(_limits(status).values()) <= 500


def test_advice_outlives_a_restart_without_telemetry():
    before = Scene()
    before.measure()
    first = before.cycle().advise(policy(power_cap_limit=800))
    restarted = Scene()
    restarted.meter.problem = "no connection"
    status = restarted.cycle().advise(policy(power_cap_limit=800, status=first))
    assert _limits(status) == _limits(first)
    assert "The last advice stays until power can be read again." in status.recommendation.summary
    cut = restarted.advise(policy(power_cap_limit=400, status=first))
    assert sum(_limits(cut).values()) <= 400


def test_without_a_meter_a_node_keeps_its_share_and_gets_no_more():
    entries = [PlanEntry(kind="Node", name=name, watts=700) for name in ("n1", "n2")]
    before = PowerPlan(
        metadata=ObjectMeta(name="room"), spec=PlanSpec(domain="room"), status=PlanStatus(entries=entries)
    )
    scene = Scene(domains=(domain("room", selector={}, cap_watts=2200),), plans=(before,))
    assert planned(scene.cycle().engine) == {"n1": 700, "n2": 700}
    scene.measure()
    assert min(planned(scene.cycle().engine).values()) > 700


def test_without_prometheus_advice_comes_from_nameplates():
    scene = Scene()
    scene.meter.problem = "no Prometheus is configured: set --prometheus-url"
    status = scene.cycle().advise(policy(power_cap_limit=800))
    assert stale(status).message.startswith("no Prometheus is configured")
    (server,) = [one for one in status.recommendation.containers if one.container == "server"]
    assert (server.uncapped_target, server.upper_bound, server.lower_bound) == (300, 300, 0)
    assert server.target == 800 // 3


def _limits(status):
    return {gpu.gpu_id: gpu.watts for node in status.recommendation.nodes for gpu in node.gpus}
