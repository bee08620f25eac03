"""What the status of a policy says, in figures and in words."""

from datetime import timedelta

import pytest

from common.api.meta import find_condition
from common.api.policy import (
    CustomAlgorithm,
    GpuAdvice,
    NodeAdvice,
    PolicyStatus,
    RackConstraint,
    Recommendation,
    RelativeCap,
    UpdatePolicy,
)
from recommender.logic.summary import omitted
from tests.unit.recommender.builders import NOW, domain, frequencies, pod, policy, table
from tests.unit.recommender.scene import Scene


@pytest.fixture
def scene():
    scene = Scene(policies=(policy(power_cap_limit=800),))
    scene.measure()
    return scene.cycle()


def message(status, type_):
    return find_condition(status.conditions, type_).message


def limits(status):
    return {gpu.gpu_id: gpu.watts for node in status.recommendation.nodes for gpu in node.gpus}


def test_the_cap_bounds_limits_and_processors_together(scene):
    status = scene.advise(policy(power_cap_limit=800))
    assert status.current_power.watts == 900
    assert sum(limits(status).values()) + 150 <= 800
    assert set(limits(status)) == {"GPU-n1-0", "GPU-n1-1", "GPU-n2-0"}


def test_a_cap_that_everything_fits_under_needs_no_limit(scene):
    status = scene.advise(policy(power_cap_limit=2000))
    assert limits(status) == {}
    assert "No limit is advised" in status.recommendation.summary
    assert status.capping_action_required is False


def test_the_summary_says_cap_draw_forecast_advice_and_why(scene):
    summary = scene.advise(policy(power_cap_limit=800)).recommendation.summary
    for part in (
        "Cap 800 W, draw 900 W (112 %) by 3 pods",
        "past the threshold of 90 %",
        "Expected within 5 min",
        "Advised (water-filling): limit 3 GPUs to",
        "because they could draw 900 W at full power",
    ):
        assert part in summary


@pytest.mark.parametrize(
    ("update_policy", "status", "text"),
    [
        (
            UpdatePolicy(),
            "False",
            "updateMode is Off: nothing is changed; set spec.updatePolicy.updateMode: Auto",
        ),
        (UpdatePolicy(update_mode="Initial"), "False", "new pods are sized at admission, nothing else"),
        (UpdatePolicy(update_mode="Auto"), "False", "name one in spec.updatePolicy.levers"),
        (UpdatePolicy(update_mode="Auto", levers=["PowerLimit"]), "True", "levers PowerLimit may be used"),
    ],
    ids=["off", "initial", "auto-without-lever", "auto"],
)
def test_whether_anything_is_done_is_said_plainly(scene, update_policy, status, text):
    made = scene.advise(policy(power_cap_limit=800, update_policy=update_policy))
    acting = find_condition(made.conditions, "Acting")
    assert acting.status == status
    assert text in acting.message


def test_limits_in_force_are_read_from_the_nodes(scene):
    held = Scene()
    held.objects = type(held.objects)(
        **vars(held.objects) | {"frequencies": (frequencies("n1", limit=260), frequencies("n2"))}
    )
    held.measure()
    levers = UpdatePolicy(update_mode="Auto", levers=["PowerLimit"])
    status = held.cycle().advise(policy(power_cap_limit=800, update_policy=levers))
    assert "In force now: limits on 2 of 3 GPUs, 520 W in all" in message(status, "Acting")


def test_an_unknown_algorithm_is_named_with_those_known_and_the_default_takes_over(scene):
    status = scene.advise(policy(power_cap_limit=800, custom_algorithms=[CustomAlgorithm(name="polka")]))
    assert "'polka'; known are: dynamic-frequency-scaler, exact, performance-power-ratio" in message(
        status, "AlgorithmUnknown"
    )
    assert limits(status)


def test_the_clock_scaler_advises_clocks_and_no_watts(scene):
    scaler = CustomAlgorithm(name="dynamic-frequency-scaler", parameters={"scaling-factor": "0.5"})
    status = scene.advise(policy(power_cap_limit=800, custom_algorithms=[scaler]))
    gpus = [gpu for node in status.recommendation.nodes for gpu in node.gpus]
    assert {(gpu.watts, gpu.target_frequency) for gpu in gpus} == {(None, 990)}


def test_a_rack_has_a_bound_of_its_own():
    scene = Scene(domains=(domain("rack-1", selector={"rack": "r1"}),))
    scene.measure()
    rack = RackConstraint(rack_id="rack-1", max_power=500)
    status = scene.cycle().advise(policy(power_cap_limit=5000, rack_constraints=[rack]))
    assert sum(limits(status).values()) == 500


def test_floors_that_do_not_fit_call_for_fewer_replicas(scene):
    status = scene.advise(policy(power_cap_limit=390))
    (advice,) = status.recommendation.replicas
    assert (advice.workload, advice.replicas) == ("Deployment/chat", 2)
    assert "cannot be held under 450 W together, and the cap leaves them 390 W" in advice.reason
    assert sum(limits(status).values()) <= 240


def test_limits_under_the_floors_of_gpus_are_told_as_what_they_are(scene):
    status = scene.advise(policy(power_cap_limit=390))
    floors = "No GPU obeys less than its lowest limit: these draw up to 300 W all the same."
    assert floors in status.recommendation.summary
    assert "at most 450 W with the advice" in status.comparison.summary
    reasons = [node.reason for node in status.recommendation.nodes]
    assert reasons[0] == "its GPUs draw 500 W; at 80 W each, under their lowest limits, they draw up to 200 W"
    held = scene.advise(policy(power_cap_limit=800)).recommendation
    assert "lowest limit" not in held.summary + held.nodes[0].reason


def test_what_does_not_fit_is_not_said_to_fit_while_the_draw_is_under_the_threshold(scene):
    scaler = CustomAlgorithm(name="dynamic-frequency-scaler")
    summary = scene.advise(policy(power_cap_limit=1020, custom_algorithms=[scaler])).recommendation.summary
    assert "No limit is advised (dynamic-frequency-scaler) while the draw is under the threshold" in summary
    assert "the processors 150 W besides, more than the cap" in summary


def test_without_a_cap_nothing_is_said_to_fit(scene):
    summary = scene.advise(policy()).recommendation.summary
    assert summary.startswith("3 pods draw 900 W; there is no cap yet. Expected within 5 min: ")
    assert "fits" not in summary


def test_pods_that_request_no_gpu_are_not_said_to_lack_a_source_for_them():
    scene = Scene()
    scene.objects = type(scene.objects)(nodes=scene.objects.nodes, pods=(pod("p0", gpus=0),))
    scene.meter.show(table(kepler=[(("pod", "n1", "", "ns", "p0"), 120.0)]))
    summary = scene.cycle().advise(policy(power_cap_limit=800)).recommendation.summary
    assert summary.endswith("These pods request no GPU: there is no device to limit.")


def test_pods_that_nobody_measures_are_told_beside_the_draw(scene):
    scene.objects = type(scene.objects)(
        **vars(scene.objects) | {"pods": (*scene.objects.pods, pod("p9", "n9", gpus=0))}
    )
    scene.cycle()
    rest = "; 1 of 4 pods is not measured, and not in this sum"
    assert (
        message(scene.advise(policy(power_cap_limit=2000)), "WithinCap") == "900 W of 2,000 W (45 %)" + rest
    )
    assert message(scene.advise(policy(power_cap_limit=800)), "WithinCap").endswith("by 100 W" + rest)


def test_a_policy_without_history_for_its_relative_cap_says_what_is_missing(scene):
    status = scene.advise(policy(relative_cap=RelativeCap(percent=80)))
    ready = find_condition(status.conditions, "Ready")
    assert (ready.status, ready.reason) == ("False", "NoCap")
    assert "climatik_policy_watts" in ready.message
    assert status.effective_cap_watts is None


def test_the_threshold_is_left_five_points_below_where_it_was_entered():
    before = PolicyStatus(capping_action_required=True)
    scene = Scene()
    scene.measure(200.0)  # 3 x 200 W + 3 x 50 W = 750 W
    scene.cycle()
    assert scene.advise(policy(power_cap_limit=860, status=before)).capping_action_required is True
    assert scene.advise(policy(power_cap_limit=860)).capping_action_required is False
    assert scene.advise(policy(power_cap_limit=900, status=before)).capping_action_required is False


def test_conditions_keep_their_transition_time_while_nothing_changes(scene):
    first = scene.advise(policy(power_cap_limit=800))
    second = scene.advise(policy(power_cap_limit=800, status=first), NOW + timedelta(hours=1))
    assert [one.last_transition_time for one in second.conditions] == [
        one.last_transition_time for one in first.conditions
    ]


def test_at_most_64_nodes_are_listed_and_the_rest_is_summed_up():
    nodes = [NodeAdvice(node_name=f"n{i}", gpus=[GpuAdvice(gpu_id=f"G{i}", watts=100)]) for i in range(70)]
    assert omitted(Recommendation(nodes=nodes), 64) == "6 nodes more with 6 GPUs, 600 W"
