"""A policy left Off is advised on, in words, and nothing else is changed."""

import json

import pytest

from tests.cluster.recommender.room import policy_body

pytestmark = pytest.mark.usefixtures("recommender")


def condition(status, type_):
    return next((one for one in status.get("conditions", []) if one["type"] == type_), {})


def measured(pods):
    return lambda status: status.get("currentPower", {}).get("measuredPods") == pods


def test_a_policy_left_off_has_advice_in_its_status(room, apply, status_of):
    apply(policy_body(room.namespace, "advise", powerCapLimit=800))
    status = status_of("pcp", "advise", room.namespace, measured(3), "three pods measured")
    assert status["effectiveCapWatts"] == 800
    assert status["cappingActionRequired"] is True
    assert 850 <= status["currentPower"]["watts"] <= 950
    limits = [gpu["watts"] for node in status["recommendation"]["nodes"] for gpu in node["gpus"]]
    host = status["currentPower"]["watts"] - 750
    assert len(limits) == 3
    assert sum(limits) + host <= 800
    assert condition(status, "WithinCap")["status"] == "False"
    acting = condition(status, "Acting")
    assert acting["status"] == "False"
    assert "updateMode is Off: nothing is changed" in acting["message"]
    assert "levers: [PowerLimit]" in acting["message"]


def test_containers_are_advised_by_workload(room, apply, status_of):
    apply(policy_body(room.namespace, "by-workload", powerCapLimit=800))
    status = status_of("pcp", "by-workload", room.namespace, measured(3), "three pods measured")
    (container,) = status["recommendation"]["containers"]
    assert (container["workload"], container["container"], container["pods"]) == (
        "Deployment/chat",
        "server",
        3,
    )
    assert container["target"] <= container["uncappedTarget"] <= container["upperBound"]
    assert container["lowerBound"] <= container["target"]


def test_a_bad_policy_does_not_stop_the_good_one_beside_it(room, apply, status_of):
    bad = [{"name": "polka"}, {"name": "dynamic-frequency-scaler", "parameters": {"scaling-factor": "9"}}]
    apply(policy_body(room.namespace, "bad", powerCapLimit=800, customAlgorithms=bad))
    apply(policy_body(room.namespace, "good", powerCapLimit=100_000))
    good = status_of("pcp", "good", room.namespace, measured(3), "three pods measured")
    assert good["cappingActionRequired"] is False
    status = status_of(
        "pcp",
        "bad",
        room.namespace,
        lambda s: condition(s, "AlgorithmUnknown"),
        "a condition on the algorithm",
    )
    message = condition(status, "AlgorithmUnknown")["message"]
    assert "spec.customAlgorithms[0]: no algorithm is called 'polka'; known are:" in message
    assert "spec.customAlgorithms[1]: parameter scaling-factor: 9 is not within" in message
    assert status["recommendation"]["nodes"], "the default takes over"


def test_the_clock_scaler_advises_clocks(room, apply, status_of):
    scaler = [{"name": "dynamic-frequency-scaler", "parameters": {"scaling-factor": "0.8"}}]
    apply(policy_body(room.namespace, "clocks", powerCapLimit=800, customAlgorithms=scaler))
    status = status_of("pcp", "clocks", room.namespace, measured(3), "three pods measured")
    clocks = [gpu["targetFrequency"] for node in status["recommendation"]["nodes"] for gpu in node["gpus"]]
    assert clocks == [1584, 1584, 1584]


def test_a_policy_that_matches_nothing_says_so(room, apply, status_of):
    body = policy_body(room.namespace, "nobody", powerCapLimit=800)
    body["spec"]["selector"] = {"matchLabels": {"app": "nobody"}}
    apply(body)
    status = status_of("pcp", "nobody", room.namespace, lambda s: s.get("conditions"), "conditions")
    assert condition(status, "Ready")["reason"] == "NoPodsMatched"


def test_describe_explains_cap_draw_advice_and_what_was_done(room, apply, status_of, cluster):
    apply(policy_body(room.namespace, "explained", powerCapLimit=800))
    status_of("pcp", "explained", room.namespace, measured(3), "three pods measured")
    text = cluster.kubectl("describe", "pcp", "explained", "-n", room.namespace)
    for part in ("Cap 800 W, draw", "capping is needed", "limit 3 GPUs to", "nothing is changed"):
        assert part in text


def test_nothing_but_status_is_changed(room, apply, status_of, cluster):
    before = _settings(cluster, room)
    apply(policy_body(room.namespace, "still", powerCapLimit=800))
    status_of("pcp", "still", room.namespace, measured(3), "three pods measured")
    assert _settings(cluster, room) == before


def _settings(cluster, room):
    """Spec and resource version of everything that a lever could touch."""
    kinds = [("nodefrequencies", ""), ("deployments", room.namespace), ("pods", room.namespace)]
    found = []
    for kind, namespace in kinds:
        listed = json.loads(cluster.kubectl("get", kind, "-n", namespace or "default", "-o", "json"))["items"]
        found += [(one["metadata"]["name"], one["spec"]) for one in listed]
    return found


def test_a_spec_that_changes_a_little_is_answered_at_once(room, apply, status_of):
    apply(policy_body(room.namespace, "nudged", powerCapLimit=1000))
    status_of("pcp", "nudged", room.namespace, lambda s: s.get("effectiveCapWatts") == 1000, "a status")
    apply(policy_body(room.namespace, "nudged", powerCapLimit=1001))
    found = status_of(
        "pcp", "nudged", room.namespace, lambda s: s.get("effectiveCapWatts") == 1001, "the new cap"
    )
    assert found["effectiveCapWatts"] == 1001
