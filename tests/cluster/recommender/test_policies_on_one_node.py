"""Two policies, two workload types, one node: each bounds its own pods; where they meet, both say so."""

import json

import pytest

from deploy.local.kubectl import KubectlError
from tests.cluster.recommender.room import domain_body, policy_body

pytestmark = pytest.mark.usefixtures("recommender")


@pytest.fixture
def neighbours(room):
    """Names of two pods on one node, labelled apart."""
    listed = json.loads(room.kubectl("get", "pods", "-n", room.namespace, "-o", "json"))["items"]
    by_node = {}
    for pod in listed:
        by_node.setdefault(pod["spec"]["nodeName"], []).append(pod["metadata"]["name"])
    node, names = next((node, names) for node, names in by_node.items() if len(names) == 2)
    for name, tier in zip(names, ("front", "batch"), strict=True):
        room.kubectl("label", "pod", name, "-n", room.namespace, f"tier={tier}")
    yield node
    for name in names:
        room.kubectl("label", "pod", name, "-n", room.namespace, "tier-")


def _policy(room, name, selector, **spec):
    return policy_body(room.namespace, name, selector={"matchLabels": selector}, **spec)


def _limits(status):
    advice = status.get("recommendation", {}).get("nodes", [])
    return {gpu["gpuId"]: (node["nodeName"], gpu.get("watts", 0)) for node in advice for gpu in node["gpus"]}


def _conflict(status):
    return next((one for one in status.get("conditions", []) if one["type"] == "Conflicting"), None)


def test_each_bounds_its_own_pods_on_the_node_that_they_share(room, neighbours, apply, status_of):
    apply(_policy(room, "front", {"tier": "front"}, powerCapLimit=290, workloadType="Inference", priority=10))
    apply(_policy(room, "batch", {"tier": "batch"}, powerCapLimit=240, workloadType="Training", priority=1))
    told = {
        name: status_of("pcp", name, room.namespace, lambda s: len(_limits(s)) == 1, f"a limit of {name}")
        for name in ("front", "batch")
    }
    limits = {name: _limits(status) for name, status in told.items()}
    assert {node for found in limits.values() for node, _ in found.values()} == {neighbours}
    assert not set(limits["front"]) & set(limits["batch"])
    for name, cap in (("front", 290), ("batch", 240)):
        ((_, watts),) = limits[name].values()
        assert 100 <= watts <= cap
        assert told[name]["cappingActionRequired"] is True
        assert _conflict(told[name]) is None


def test_two_that_select_one_pod_are_told_of_each_other_and_of_whose_limit_counts(
    room, neighbours, apply, status_of
):
    apply(_policy(room, "wide", {"tier": "front"}, powerCapLimit=290))
    apply(_policy(room, "tight", {"tier": "front"}, powerCapLimit=220))
    wide = status_of(
        "pcp", "wide", room.namespace, lambda s: "lower one" in json.dumps(_conflict(s)), "whose limit counts"
    )
    tight = status_of("pcp", "tight", room.namespace, _conflict, "the conflict on the other side")
    assert (
        f"1 GPU also under {room.namespace}/tight (whose limit is the lower one on 1)"
        in _conflict(wide)["message"]
    )
    assert f"1 GPU also under {room.namespace}/wide." in _conflict(tight)["message"]


def test_guarantees_over_the_cap_of_their_domain_are_named_on_both(room, neighbours, apply, status_of):
    apply(domain_body("rec-tight", nodeSelector={"matchLabels": {"rack": "rec-rack"}}, capWatts=1300))
    for name, tier in (("first", "front"), ("second", "batch")):
        apply(_policy(room, name, {"tier": tier}, powerCapLimit=900, guaranteedWatts=800))
    for name in ("first", "second"):
        status = status_of("pcp", name, room.namespace, _conflict, f"the conflict of {name}")
        assert _conflict(status)["reason"] == "GuaranteesOverDomainCap"
        assert "in domain rec-tight, more than its cap of 1,300 W" in _conflict(status)["message"]


def test_a_guarantee_over_its_own_cap_is_refused(room):
    body = _policy(room, "greedy", {"tier": "front"}, powerCapLimit=250, guaranteedWatts=400)
    with pytest.raises(KubectlError, match="guaranteedWatts is over powerCapLimit"):
        room.kubectl("apply", "-f", "-", input=json.dumps(body))
