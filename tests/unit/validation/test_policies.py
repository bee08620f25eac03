"""Which PowerCappingPolicies are refused, and which are only warned of."""

import msgspec
import pytest

from common.api.policy import CustomAlgorithm, DisruptionWindow, ScaleTargetRef, UpdatePolicy
from common.api.selector import LabelSelector, Requirement
from tests.unit.validation.objects_for_tests import World, domain, policy, review


def ask(new, old=None, policies=(), domains=()):
    return World(policies=policies, domains=domains).ask(review(new, old))


def uses(name, **parameters):
    return policy(custom_algorithms=[CustomAlgorithm(name=name, parameters=parameters)])


def window(start="0 22 * * *", zone="UTC"):
    windows = [DisruptionWindow(start=start, duration_seconds=3600, time_zone=zone)]
    return policy(update_policy=UpdatePolicy(disruption_windows=windows))


REFUSED = {
    "a parameter that there is not": (uses("uniform", speed=1), "uniform has no parameter 'speed'"),
    "a parameter out of range": (
        uses("dynamic-frequency-scaler", **{"scaling-factor": "7"}),
        "spec.customAlgorithms[0].parameters: parameter scaling-factor: 7 is not within",
    ),
    "a parameter that is no number": (
        uses("dynamic-frequency-scaler", **{"min-frequency": "low"}), "'low' is not a number",
    ),
    "a window in no time zone": (window(zone="Mars/Olympus"), "spec.updatePolicy.disruptionWindows[0]"),
    "a window at no time": (window("61 * * * *"), "spec.updatePolicy.disruptionWindows[0]"),
}  # fmt: skip


@pytest.mark.parametrize(("new", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(new, why):
    answer = ask(new)
    assert not answer["allowed"]
    assert why in answer["status"]["message"]


def test_example_of_the_origin_passes_without_a_word():
    new = uses("dynamic-frequency-scaler", **{"scaling-factor": "0.8", "min-frequency": "300"})
    assert ask(new) == {"uid": "u-1", "allowed": True}


def test_unknown_algorithm_may_be_a_plug_in_and_is_warned_of_with_a_guess():
    answer = ask(uses("water-fillin"))
    assert answer["allowed"]
    assert "Did you mean water-filling?" in answer["warnings"][0]


def selecting(name, labels=None, *expressions, priority=0):
    made = policy(name, priority=priority)
    selector = LabelSelector(match_labels=labels or {}, match_expressions=list(expressions))
    return msgspec.structs.replace(made, spec=msgspec.structs.replace(made.spec, selector=selector))


def among(key, *values):
    return Requirement(key=key, operator="In", values=list(values))


MEET = {
    "the same selector": (selecting("a", {"app": "x"}), selecting("b", {"app": "x"}), True),
    "all against some": (selecting("a"), selecting("b", {"app": "x"}), True),
    "some against all": (selecting("a", {"app": "x"}), selecting("b"), True),
    "a narrower one": (selecting("a", {"app": "x", "tier": "y"}), selecting("b", {"app": "x"}), True),
    "a label among values": (selecting("a", {"app": "x"}), selecting("b", {}, among("app", "x", "y")), True),
    "the same expression": (
        selecting("a", {}, among("app", "x")), selecting("b", {"t": "u"}, among("app", "x")), True,
    ),
    "other labels": (selecting("a", {"app": "x"}), selecting("b", {"app": "y"}), False),
    "a label that is not among": (selecting("a", {"app": "z"}), selecting("b", {}, among("app", "x")), False),
    "perhaps, perhaps not": (selecting("a", {"app": "x"}), selecting("b", {"tier": "y"}), False),
}  # fmt: skip


@pytest.mark.parametrize(("new", "other", "meet"), MEET.values(), ids=MEET.keys())
def test_policies_that_surely_meet_are_warned_of(new, other, meet):
    warnings = ask(new, policies=[other, new]).get("warnings", [])
    assert any("policy b (priority 0) governs the same pods" in text for text in warnings) is meet


def test_warning_names_who_comes_first():
    (text,) = ask(selecting("a", {"app": "x"}), policies=[selecting("b", {"app": "x"}, priority=5)])[
        "warnings"
    ]
    assert "at admission b comes first" in text


def test_policies_of_other_namespaces_do_not_meet():
    assert "warnings" not in ask(policy(labels={}), policies=[policy("b", "elsewhere", labels={})])


def test_scale_target_of_two_policies_is_warned_of():
    target = [ScaleTargetRef(api_version="apps/v1", kind="Deployment", name="web")]
    new, other = policy("a", scale_target_refs=target), policy("b", scale_target_refs=target)
    (text,) = ask(new, policies=[other])["warnings"]
    assert "Deployment web is a target of policy b, too" in text


def guaranteed(name, watts):
    return policy(name, guaranteed_watts=watts)


@pytest.mark.parametrize(
    ("watts", "domains", "told"),
    [
        pytest.param(600, [domain("c", cap=1000)], True, id="over the cap"),
        pytest.param(500, [domain("c", cap=1000)], False, id="just the cap"),
        pytest.param(500, [domain("c", cap=1000, minimum_cap_watts=900)], True, id="over the lowest cap"),
        pytest.param(600, [domain("c", cap=1000), domain("d", cap=1000)], False, id="room elsewhere"),
        pytest.param(600, [domain("c", cap=1000), domain("d", cap=None)], False, id="a root without cap"),
        pytest.param(600, [], False, id="no domain"),
        pytest.param(600, [domain("c", cap=9000), domain("r", "c", cap=1)], False, id="only roots count"),
    ],
)
def test_guarantees_over_the_cap_are_warned_of(watts, domains, told):
    new = guaranteed("a", watts)
    answer = ask(new, policies=[guaranteed("a", 1), guaranteed("b", 500)], domains=domains)
    assert answer["allowed"]
    assert bool(answer.get("warnings")) is told


def test_domain_that_is_cut_under_the_guarantees_is_warned_of():
    answer = World([guaranteed("a", 600)], [domain("c")]).ask(review(domain("c", cap=500), domain("c")))
    assert answer["allowed"]
    assert "600 W, more than the 500 W" in answer["warnings"][0]
