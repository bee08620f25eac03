"""Which racks a new pod is kept away from, how, and when it is left alone."""

import jsonpatch
import pytest

from admission.avoid import Room, avoid, trouble
from admission.nodes import NodeIndex
from common.api.policy import RackConstraint
from common.api.selector import Requirement
from tests.unit.admission.pods_for_tests import container, node, pod, policy, rack

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
FULL = rack("r1", 100)
HOT = rack("r2", 9000, inlet=30, inlet_limit=27)
FINE = rack("r3", 9000, inlet=27, inlet_limit=27)
OUT_OF_R1 = {"key": "rack", "operator": "NotIn", "values": ["r1"]}


def avoided(subject, racks, placement="Preferred", watts=700):
    made = avoid(subject, policy(placement=placement), watts, Room(racks))
    return jsonpatch.apply_patch(subject, list(made.operations))["spec"].get("affinity"), made.note


def spec(**fields):
    subject = pod(container(gpus=1))
    subject["spec"] |= fields
    return subject


def affinity(**kinds):
    return spec(affinity={"nodeAffinity": kinds})


def demand(part, **requirement):
    return affinity(**{REQUIRED: {"nodeSelectorTerms": [{part: [requirement]}]}})


TROUBLE = {
    "too few watts for this pod": (rack("r", 699), "699 W left"),
    "none": (rack("r", -50), "0 W left"),
    "just enough": (rack("r", 700), ""),
    "nobody knows": (rack("r"), ""),
    "inlet over its limit": (HOT, "inlet at 30 °C, limit 27 °C"),
    "inlet at its limit": (FINE, ""),
    "inlet without a limit": (rack("r", 9000, inlet=40), ""),
    "cap does not hold": (rack("r", 9000, held=False), "its cap does not hold now"),
}


@pytest.mark.parametrize(("one", "why"), TROUBLE.values(), ids=TROUBLE.keys())
def test_trouble_of_a_rack(one, why):
    assert trouble(one, policy(), 700) == why


def test_pod_that_needs_no_watts_shuns_a_rack_without_any():
    assert trouble(rack("r", 0), policy(), 0) == "0 W left"
    assert trouble(rack("r", 1), policy(), 0) == ""


def test_limit_of_the_policy_for_one_rack_counts():
    limited = policy()
    limited.spec.rack_constraints.append(RackConstraint(rack_id="r3", max_temperature=26))
    assert trouble(FINE, limited, 0) == "inlet at 27 °C, limit 26 °C"
    assert trouble(rack("other", 9000, inlet=27), limited, 0) == ""


def test_preferred_by_default_with_a_note_that_names_racks_and_reasons():
    found, note = avoided(pod(), [FULL, HOT, FINE])
    expression = {"key": "rack", "operator": "NotIn", "values": ["r1", "r2"]}
    assert found == {
        "nodeAffinity": {PREFERRED: [{"weight": 50, "preference": {"matchExpressions": [expression]}}]}
    }
    assert note == "Prefers nodes outside of r1 (100 W left), r2 (inlet at 30 °C, limit 27 °C)."


def test_required_where_the_policy_says_so():
    found, note = avoided(pod(), [FULL], "Required")
    terms = [{"matchExpressions": [OUT_OF_R1]}]
    assert found == {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": terms}}}
    assert note == "Kept off r1 (100 W left)."


def test_each_term_of_the_user_gets_our_demand_and_an_empty_one_stays_empty():
    zone = {"key": "zone", "operator": "In", "values": ["a"]}
    fields = [{"key": "metadata.name", "operator": "In", "values": ["x", "y"]}]
    terms = [{"matchExpressions": [zone]}, {}, {"matchFields": fields}]
    found, _ = avoided(affinity(**{REQUIRED: {"nodeSelectorTerms": terms}}), [FULL], "Required")
    assert found["nodeAffinity"][REQUIRED]["nodeSelectorTerms"] == [
        {"matchExpressions": [zone, OUT_OF_R1]},
        {},
        {"matchFields": fields, "matchExpressions": [OUT_OF_R1]},
    ]


def test_racks_told_apart_in_several_ways():
    exists = rack("r4", 0)
    exists = type(exists)("r4", Requirement(key="spare", operator="DoesNotExist"), 0)
    found, _ = avoided(pod(), [FULL, rack("z1", 0, key="zone"), exists])
    (term,) = found["nodeAffinity"][PREFERRED]
    assert term["preference"]["matchExpressions"] == [
        OUT_OF_R1,
        {"key": "zone", "operator": "NotIn", "values": ["z1"]},
        {"key": "spare", "operator": "DoesNotExist"},
    ]


WISH = {"weight": 1, "preference": {"matchExpressions": [{"key": "rack", "operator": "Exists"}]}}
PINNED = [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["a"]}]}]
LEFT_ALONE = {
    "by node name": spec(nodeName="a"),
    "by host name": spec(nodeSelector={"kubernetes.io/hostname": "a"}),
    "by the label of the racks": spec(nodeSelector={"rack": "r1"}),
    "by a demand on that label": demand("matchExpressions", **OUT_OF_R1),
    "by a wish on that label": affinity(**{PREFERRED: [WISH]}),
    "pinned as by a DaemonSet": affinity(**{REQUIRED: {"nodeSelectorTerms": PINNED}}),
    "noted before": pod(annotations={"climatik.io/placement": ""}),
}  # fmt: skip


@pytest.mark.parametrize("placement", ["Preferred", "Required"])
@pytest.mark.parametrize("subject", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_pod_that_is_placed_already_is_left_alone(subject, placement):
    assert avoided(subject, [FULL], placement) == (subject["spec"].get("affinity"), "")


def test_policy_may_leave_affinity_alone():
    assert avoided(pod(), [FULL], "Unchanged") == (None, "")


def test_nothing_to_avoid():
    assert avoided(pod(), [FINE]) == (None, "")


def nodes(*racks):
    index = NodeIndex()
    for number, name in enumerate(racks):
        labels = {"rack": name, "zone": "a" if number == 0 else "b"}
        index.change(None, node(f"node-{number}", labels))
    return index


NO_PLACE_LEFT = {
    "anywhere": pod(),
    "by label": spec(nodeSelector={"zone": "a"}),
    "by demand": demand("matchExpressions", key="zone", operator="In", values=["a"]),
    "by names": demand("matchFields", key="metadata.name", operator="In", values=["node-0", "no"]),
}


@pytest.mark.parametrize("placement", ["Preferred", "Required"])
@pytest.mark.parametrize("subject", NO_PLACE_LEFT.values(), ids=NO_PLACE_LEFT.keys())
def test_pod_is_never_kept_away_from_every_node_it_may_go_to(subject, placement):
    chosen, all_full = policy(placement=placement), [FULL, rack("r2", 0)]
    index = nodes("r1", "r2")
    assert avoid(subject, chosen, 700, Room(all_full, index.left)).note == ""
    index.change(None, node("node-9", {"rack": "r3", "zone": "a"}))
    index.change(None, node("no", {"rack": "r3"}))
    assert avoid(subject, chosen, 700, Room(all_full, index.left)).note != ""


def test_as_many_racks_are_named_as_a_pod_can_bear():
    racks = [rack(f"r{number:03}", -number) for number in range(300)]
    found, note = avoided(pod(), racks)
    values = found["nodeAffinity"][PREFERRED][0]["preference"]["matchExpressions"][0]["values"]
    assert (len(values), values[-1]) == (128, "r299")
    assert note.endswith("and 124 more.")
