"""Advice counts only where mode and lever say so; the lowest ceiling wins."""

from __future__ import annotations

import pytest

from actuator.logic.setpoints import (
    MOST_CPUS,
    MOST_GPUS,
    MOST_MEGAHERTZ,
    MOST_PACKAGES,
    MOST_PODS,
    MOST_WATTS,
    fold_set_points,
)
from common.api.frequencies import (
    NODE_FREQUENCIES,
    FrequenciesSpec,
    GpuFrequency,
    GpuPowerLimit,
    NodeFrequencies,
    PodPowerLimit,
)
from common.api.meta import ObjectMeta
from common.api.policy import (
    GpuAdvice,
    NodeAdvice,
    PolicySpec,
    PolicyStatus,
    PowerCappingPolicy,
    Recommendation,
    UpdatePolicy,
)
from tests.unit.api.schemas import root_schema


def policy(
    mode: str, levers: list[str], watts: int = 250, clock: int = 1200, **meta: object
) -> PowerCappingPolicy:
    advice = NodeAdvice(node_name="n1", gpus=[GpuAdvice(gpu_id="g", watts=watts, target_frequency=clock)])
    return PowerCappingPolicy(
        metadata=ObjectMeta(name="p", namespace="ns", **meta),
        spec=PolicySpec(update_policy=UpdatePolicy(update_mode=mode, levers=levers)),
        status=PolicyStatus(recommendation=Recommendation(nodes=[advice])),
    )


def item(name: str, watts: int) -> NodeFrequencies:
    spec = FrequenciesSpec(node_name="n1", gpu_power_limits=[GpuPowerLimit(gpu_id="g", watts=watts)])
    return NodeFrequencies(metadata=ObjectMeta(name=name), spec=spec)


@pytest.mark.parametrize(
    ("mode", "levers", "limits", "clocks"),
    [
        ("Off", ["PowerLimit", "Frequency"], {}, {}),
        ("Initial", ["PowerLimit"], {}, {}),
        ("Auto", [], {}, {}),
        ("Auto", ["Evict"], {}, {}),
        ("Auto", ["PowerLimit"], {"g": 250}, {}),
        ("Auto", ["Frequency"], {}, {"g": 1200}),
        ("Auto", ["PowerLimit", "Frequency"], {"g": 250}, {"g": 1200}),
    ],
)
def test_only_auto_and_only_named_levers_act(
    mode: str, levers: list[str], limits: dict[str, int], clocks: dict[str, int]
) -> None:
    points = fold_set_points([policy(mode, levers)], []).get("n1")
    assert (points.gpu_power_limits if points else {}) == limits
    assert (points.gpu_frequencies if points else {}) == clocks


def test_the_lowest_of_policies_and_requests_wins() -> None:
    policies = [policy("Auto", ["PowerLimit"], 250), policy("Auto", ["PowerLimit"], 200)]
    assert fold_set_points(policies, [])["n1"].gpu_power_limits == {"g": 200}
    assert fold_set_points(policies, [item("a-request", 150)])["n1"].gpu_power_limits == {"g": 150}


def test_what_the_nodes_own_object_holds_is_no_request() -> None:
    assert fold_set_points([], [item("n1", 150)]) == {}


def test_a_policy_that_is_being_deleted_acts_no_more() -> None:
    leaving = policy("Auto", ["PowerLimit"], deletion_timestamp="2026-01-01T00:00:00Z")
    assert fold_set_points([leaving], []) == {}


def test_a_paused_policy_leaves_its_nodes_as_they_are() -> None:
    paused = policy("Auto", ["PowerLimit"], 100, annotations={"climatik.io/pause": "true"})
    assert fold_set_points([paused], [item("n1", 300)])["n1"].gpu_power_limits == {"g": 300}


def test_a_paused_namespace_pauses_its_policies() -> None:
    objects = [item("n1", 300)]
    paused = fold_set_points([policy("Auto", ["PowerLimit"], 100)], objects, {"ns"})
    assert paused["n1"].gpu_power_limits == {"g": 300}
    elsewhere = fold_set_points([policy("Auto", ["PowerLimit"], 100)], objects, {"another"})
    assert elsewhere["n1"].gpu_power_limits == {"g": 100}


def test_specs_are_sorted_by_device() -> None:
    request = FrequenciesSpec(
        node_name="n1",
        gpu_frequencies=[
            GpuFrequency(gpu_id="b", target_frequency=2),
            GpuFrequency(gpu_id="a", target_frequency=1),
        ],
    )
    asked = NodeFrequencies(metadata=ObjectMeta(name="r"), spec=request)
    spec = fold_set_points([], [asked])["n1"].spec("n1")
    assert [gpu.gpu_id for gpu in spec.gpu_frequencies] == ["a", "b"]


def own_cap(pod: str, watts: int) -> PodPowerLimit:
    return PodPowerLimit(gpu_id="g", pod_namespace="llm", pod_name=pod, watts=watts)


def test_caps_of_pods_that_people_request_are_folded_in_by_pod() -> None:
    requests = [
        NodeFrequencies(
            metadata=ObjectMeta(name=f"request-{number}"),
            spec=FrequenciesSpec(node_name="n1", pod_power_limits=caps),
        )
        for number, caps in enumerate(
            ([own_cap("b", 300), own_cap("a", 200)], [own_cap("b", 250), own_cap("a", 400)])
        )
    ]
    points = fold_set_points([], requests)["n1"]
    assert points.spec("n1").pod_power_limits == [own_cap("a", 200), own_cap("b", 250)]


def test_requests_for_devices_without_end_leave_the_node_an_object_that_its_schema_takes() -> None:
    requests = [
        NodeFrequencies(
            metadata=ObjectMeta(name=f"request-{number}"),
            spec=FrequenciesSpec(
                node_name="n1",
                gpu_power_limits=[GpuPowerLimit(gpu_id=f"{number}-{gpu}", watts=300) for gpu in range(64)],
                pod_power_limits=[own_cap(f"{number}-{pod}", 300) for pod in range(256)],
            ),
        )
        for number in range(2)
    ]
    spec = fold_set_points([policy("Auto", ["PowerLimit"])], requests)["n1"].spec("n1")
    assert "g" in {limit.gpu_id for limit in spec.gpu_power_limits}, "advice comes first"
    assert (len(spec.gpu_power_limits), len(spec.pod_power_limits)) == (MOST_GPUS, MOST_PODS)


@pytest.mark.parametrize(("watts", "clock"), [(-1, 0), (100_001, 100_001)], ids=["too low", "too high"])
def test_advice_that_no_device_can_follow_is_none(watts: int, clock: int) -> None:
    assert fold_set_points([policy("Auto", ["PowerLimit", "Frequency"], watts, clock)], []) == {}


def test_the_bounds_are_those_of_the_schema() -> None:
    fields = root_schema(NODE_FREQUENCIES)["properties"]["spec"]["properties"]
    bounds = {
        "gpuFrequencies": MOST_GPUS,
        "cpuFrequencies": MOST_CPUS,
        "gpuPowerLimits": MOST_GPUS,
        "cpuPowerLimits": MOST_PACKAGES,
        "podPowerLimits": MOST_PODS,
    }
    assert {name: fields[name]["maxItems"] for name in bounds} == bounds
    clock = fields["gpuFrequencies"]["items"]["properties"]["targetFrequency"]
    watts = fields["gpuPowerLimits"]["items"]["properties"]["watts"]
    assert (clock["minimum"], clock["maximum"]) == (1, MOST_MEGAHERTZ)
    assert (watts["minimum"], watts["maximum"]) == (0, MOST_WATTS)
