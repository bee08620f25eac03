"""Several policies on one device or one cap: what is guaranteed comes first, and conflicts are named."""

import pytest

from common.api.meta import find_condition
from common.api.policy import CustomAlgorithm, PerformancePowerRatio, PolicySpec
from recommender.logic.advice import chosen_algorithms
from tests.unit.recommender.builders import domain, policy
from tests.unit.recommender.scene import Scene


def meeting(*policies, **objects):
    scene = Scene(policies=policies, **objects)
    scene.measure(200.0)
    return scene.cycle()


def conflict(status):
    return find_condition(status.conditions, "Conflicting")


def test_a_policy_alone_on_its_gpus_has_no_conflict():
    scene = meeting(policy("alone", power_cap_limit=800))
    assert conflict(scene.advise(policy("alone", power_cap_limit=800))) is None


def test_policies_on_the_same_gpus_name_each_other_and_whose_limit_counts():
    wide, tight = policy("wide", power_cap_limit=900), policy("tight", power_cap_limit=600)
    told = meeting(wide, tight).advise(tight)
    scene = meeting(wide, policy("tight", power_cap_limit=600, status=told))
    text = conflict(scene.advise(wide)).message
    assert "3 GPUs also under ns/tight (whose limit is the lower one on 3)" in text
    assert "the lowest limit counts" in text
    assert "ns/wide" in conflict(told).message


def test_a_guarantee_above_the_cap_is_a_conflict():
    made = policy(power_cap_limit=500, guaranteed_watts=700)
    found = conflict(meeting(made).advise(made))
    assert (found.reason, "spec.guaranteedWatts is 700 W" in found.message) == ("GuaranteeOverCap", True)


@pytest.mark.parametrize(("guaranteed", "most_to_n2"), [(None, False), (900, True)])
def test_guaranteed_watts_come_before_what_others_ask(guaranteed, most_to_n2):
    low = policy("low", selector=_named("p2"), power_cap_limit=2000, guaranteed_watts=guaranteed)
    scene = Scene(policies=(low,), domains=(domain("cluster", selector={"rack": "r1"}, cap_watts=1500),))
    scene.measure(280.0)
    scene.objects = type(scene.objects)(**vars(scene.objects) | {"pods": _labelled(scene.objects.pods)})
    watts = {entry.name: entry.watts for entry in scene.cycle().engine.plans[0][2].entries}
    assert (watts["n2"] > watts["n1"]) is most_to_n2
    assert sum(watts.values()) <= 1500


def _named(name):
    return type(policy().spec.selector)(match_labels={"only": name})


def _labelled(pods):
    from msgspec.structs import replace

    return tuple(
        replace(one, metadata=replace(one.metadata, labels=one.metadata.labels | {"only": one.name}))
        for one in pods
    )


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ([], {"target-ratio": "0.9", "tolerance-percentage": 5}),
        (["performance-power-ratio"], {"target-ratio": "0.9", "tolerance-percentage": 5}),
    ],
    ids=["field-alone", "named-without-parameters"],
)
def test_the_wanted_ratio_is_handed_to_its_algorithm(named, expected):
    spec = PolicySpec(
        performance_power_ratio=PerformancePowerRatio(target_ratio=0.9, tolerance_percentage=5),
        custom_algorithms=[CustomAlgorithm(name=name) for name in named],
    )
    (one,) = chosen_algorithms(spec)
    assert (one.name, one.parameters) == ("performance-power-ratio", expected)


def test_a_wrong_parameter_is_named_even_before_anything_is_measured():
    scene = Scene()
    polca = CustomAlgorithm(name="polca", parameters={"hysteresis": "often"})
    status = scene.cycle().advise(policy(power_cap_limit=800, custom_algorithms=[polca]))
    text = find_condition(status.conditions, "AlgorithmUnknown").message
    assert "spec.customAlgorithms[0]: parameter hysteresis: 'often' is not a number" in text
    assert "Used instead: water-filling" in text


@pytest.mark.parametrize(("cap", "named"), [(1500, True), (1700, False)])
def test_guarantees_that_do_not_fit_under_a_domain_together_are_a_conflict_of_each(cap, named):
    first = policy("first", power_cap_limit=2000, guaranteed_watts=800)
    second = policy("second", power_cap_limit=2000, guaranteed_watts=800)
    above = domain("cluster", selector={"rack": "r1"}, cap_watts=cap)
    scene = meeting(first, second, domains=(above,))
    for one in (first, second):
        found = conflict(scene.advise(one))
        assert (found.reason == "GuaranteesOverDomainCap") is named
        assert ("1,600 W are guaranteed" in found.message) is named
