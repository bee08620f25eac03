"""Stale telemetry is named, not used, and nothing is raised meanwhile."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import numpy as np
import pytest

from common.api.meta import ObjectMeta, find_condition
from common.api.plan import PlanEntry, PlanSpec, PlanStatus, PowerPlan
from common.api.policy import CustomAlgorithm, PolicyStatus
from tests.unit.recommender.builders import NOW, domain, pod, policy, table
from tests.unit.recommender.scene import AT, Scene

LATER = NOW + timedelta(seconds=100)


def stale(status):
    return find_condition(status.conditions, "TelemetryStale")


def planned(engine):
    return {entry.name: entry.watts for _, _, status in engine.plans for entry in status.entries}


def hears(scene, rows, seconds):
    """Advances the scene's meter to a reading of which only some rows arrive; returns that time."""
    whole = scene.measure(at=AT + seconds)
    scene.meter.show(whole.where(rows(whole)), AT + seconds)
    return NOW + timedelta(seconds=seconds)


def from_n1(table):
    return (table.node == "n1") | np.char.startswith(table.device.astype(str), "GPU-n1")


def from_agents(table):
    return table.source == "climatik"


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


@pytest.mark.parametrize("rows", [None, from_n1, from_agents])
def test_clocks_stay_and_capping_stays_required_while_telemetry_is_stale(rows):
    scaler = {"custom_algorithms": [CustomAlgorithm(name="dynamic-frequency-scaler")]}
    scene = Scene()
    scene.measure()
    first = scene.cycle().advise(policy(power_cap_limit=800, **scaler))
    assert set(_clocks(first).values()) == {1584}
    later = hears(scene, rows, 100) if rows else LATER
    status = scene.cycle(later).advise(policy(power_cap_limit=800, status=first, **scaler), later)
    assert (_clocks(status), status.capping_action_required) == (_clocks(first), True)


def test_capping_stays_required_after_a_restart_without_telemetry():
    restarted = Scene()
    restarted.meter.problem = "no connection"
    before = PolicyStatus(capping_action_required=True)
    assert restarted.cycle().advise(policy(status=before)).capping_action_required is False, "without a cap"
    assert (
        restarted.cycle().advise(policy(power_cap_limit=800, status=before)).capping_action_required is True
    )


def test_a_lower_cap_is_obeyed_although_telemetry_is_stale():
    scene = Scene()
    scene.measure()
    first = scene.cycle().advise(policy(power_cap_limit=800))
    status = scene.cycle(LATER).advise(policy(power_cap_limit=500, status=first), LATER)
    assert sum(_limits(status).values()) <= 500


@pytest.mark.parametrize("rows", [from_n1, from_agents])
@pytest.mark.parametrize("seconds", [5, 100, 4000])
def test_limits_of_pods_that_a_part_of_telemetry_no_longer_tells_stay(rows, seconds):
    scene = Scene()
    scene.measure()
    first = scene.cycle().advise(policy(power_cap_limit=600))
    later = hears(scene, rows, seconds)
    status = scene.cycle(later).advise(policy(power_cap_limit=600, status=first), later)
    assert _limits(status) == _limits(first)
    assert not status.recommendation.replicas


@pytest.mark.parametrize(("rows", "told"), [(from_n1, "1 of 3 pods"), (from_agents, "3 of 3 pods")])
def test_while_gpus_are_not_told_no_limit_is_raised_and_the_summary_says_why(rows, told):
    scene = Scene()
    scene.measure()
    first = scene.cycle().advise(policy(power_cap_limit=600))
    later = hears(scene, rows, 5)
    status = scene.cycle(later).advise(policy(power_cap_limit=750, status=first), later)
    assert _limits(status) == _limits(first)
    assert f"No limit is raised: nobody tells the GPUs of {told}." in status.recommendation.summary
    scene.measure(at=AT + 10)
    back = NOW + timedelta(seconds=10)
    status = scene.cycle(back).advise(policy(power_cap_limit=750, status=first), back)
    assert sum(_limits(status).values()) == 750 - 150
    assert "raised" not in status.recommendation.summary


def test_each_silent_source_is_named_with_its_own_nodes_and_remedy():
    scene = Scene()
    scene.measure()
    scene.cycle()
    scene.meter.show(table(climatik=[(("node", "n1"), 500.0)]), AT + 95)
    later = NOW + timedelta(seconds=95)
    message = stale(scene.cycle(later).advise(policy(power_cap_limit=600), later)).message
    assert (
        "climatik has been silent for more than a minute (limit 30 s) on n2: check that the node" in message
    )
    assert (
        "dcgm has been silent for more than a minute (limit 90 s) on n1, n2: check that the DCGM" in message
    )


def test_a_successor_of_the_same_name_is_not_taken_for_the_pod_before_it():
    scene = Scene()
    scene.measure()
    first = scene.cycle().advise(policy(power_cap_limit=600))
    p0, p1, _ = scene.objects.pods
    again = pod("p2", "n2")
    status = msgspec.structs.replace(again.status, start_time="2026-01-01T12:00:04Z")
    scene.objects = replace(scene.objects, pods=(p0, p1, msgspec.structs.replace(again, status=status)))
    later = hears(scene, from_n1, 5)
    advised = scene.cycle(later).advise(policy(power_cap_limit=600, status=first), later)
    assert set(_limits(advised)) == {"GPU-n1-0", "GPU-n1-1"}


def test_a_gpu_that_is_told_to_be_another_pods_is_no_longer_the_silent_ones():
    scene = Scene()
    scene.measure()
    scene.cycle()
    scene.objects = replace(scene.objects, pods=(*scene.objects.pods, pod("p3", "n2")))
    taken = table(dcgm=[(("gpu", "n2", "GPU-n2-0", "ns", "p3", "server"), 250.0)])
    scene.meter.show(taken, AT + 5)
    scene.cycle(NOW + timedelta(seconds=5))
    assert scene.engine.telemetry.known.holders["GPU-n2-0"] == ("ns/p3",)
    assert "ns/p2" not in scene.engine.telemetry.known.pods


@pytest.mark.parametrize(("seconds", "is_stale"), [(20, "False"), (100, "True")])
def test_cycles_that_fail_again_and_again_make_telemetry_stale(seconds, is_stale):
    scene = Scene()
    scene.measure()
    first = scene.cycle().advise(policy(power_cap_limit=600))
    scene.objects = replace(scene.objects, nodes=("no node",))
    scene.measure(at=AT + seconds)
    later = NOW + timedelta(seconds=seconds)
    status = scene.cycle(later).advise(policy(power_cap_limit=750, status=first), later)
    assert stale(status).status == is_stale
    assert "the recommender's cycles fail (AttributeError: " in stale(status).message or is_stale == "False"
    assert (status.current_power.measured_pods == 0) is (is_stale == "True")
    assert (_limits(status) == _limits(first)) is (is_stale == "True")


def test_advice_outlives_a_restart_without_telemetry():
    before = Scene()
    before.measure()
    first = before.cycle().advise(policy(power_cap_limit=800))
    restarted = Scene()
    restarted.meter.problem = "no connection"
    status = restarted.cycle().advise(policy(power_cap_limit=800, status=first))
    assert _limits(status) == _limits(first)
    assert status.recommendation.replicas == first.recommendation.replicas == []
    assert status.recommendation.summary == (
        "Cap 800 W; the draw of 3 pods is not known. The last advice stays until power can be read again."
    )
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


def _clocks(status):
    return {gpu.gpu_id: gpu.target_frequency for node in status.recommendation.nodes for gpu in node.gpus}


def _limits(status):
    return {gpu.gpu_id: gpu.watts for node in status.recommendation.nodes for gpu in node.gpus}
