"""What holds for every pod: operations apply, once is enough, the user's own settings stand."""

import copy

import jsonpatch
from hypothesis import given, settings
from hypothesis import strategies as st

from admission.affinity import keys_of_user
from admission.avoid import Room
from admission.mutate import Outcome, mutate
from admission.nameplates import Nameplates
from common.api.policy import ContainerRecommendation
from common.api.quantity import whole_number
from tests.unit.admission.pods_for_tests import OFFERS, PODS, ROOMS, WATTS, learned_policy, policy, rack

POLICIES = st.sampled_from(
    [
        policy(),
        policy(placement="Required"),
        policy(placement="Unchanged"),
        learned_policy(ContainerRecommendation(workload="p", container="server", uncapped_target=321)),
        learned_policy(ContainerRecommendation(workload="Pod/p", container="sidecar", upper_bound=7)),
    ]
)
NAMEPLATES = Nameplates()
OURS = (
    "climatik.io/policy",
    "climatik.io/explanation",
    "climatik.io/reserved-watts",
    "climatik.io/placement",
)
CASES = given(pod=PODS, offer=OFFERS, policy=POLICIES, room=ROOMS)


def patched(pod, operations):
    return jsonpatch.apply_patch(copy.deepcopy(pod), operations)


def watts_set(pod):
    places = {}
    for kind in ("containers", "initContainers"):
        for index, container in enumerate(pod["spec"].get(kind) or []):
            for part in ("limits", "requests"):
                value = ((container.get("resources") or {}).get(part) or {}).get(WATTS)
                if value is not None:
                    places[kind, index, part] = value
    return places


def without_ours(pod):
    bare = copy.deepcopy(pod)
    for key in OURS:
        (bare["metadata"].get("annotations") or {}).pop(key, None)
    if not bare["metadata"].get("annotations"):
        bare["metadata"].pop("annotations", None)
    for container in bare["spec"]["containers"]:
        parts = container.get("resources") or {}
        for part in ("limits", "requests"):
            (parts.get(part) or {}).pop(WATTS, None)
            if not parts.get(part):
                parts.pop(part, None)
        if not parts:
            container.pop("resources", None)
    bare["spec"].pop("affinity", None)
    return bare


@CASES
@settings(max_examples=300)
def test_operations_apply_and_a_second_call_changes_nothing(pod, offer, policy, room):
    once = patched(pod, mutate(pod, policy, offer, NAMEPLATES, room).operations)
    again = mutate(once, policy, offer, NAMEPLATES, room)
    assert patched(once, again.operations) == once
    assert again.operations == []


@CASES
def test_second_call_changes_nothing_even_when_nodes_have_begun_or_ceased_to_offer_watts(
    pod, offer, policy, room
):
    other = type(offer)(0 if offer.largest_watts else 100_000, offer.gpu_products)
    once = patched(pod, mutate(pod, policy, offer, NAMEPLATES, room).operations)
    second = mutate(once, policy, other, NAMEPLATES, room)
    twice = patched(once, second.operations)
    assert set(watts_set(twice)) == set(watts_set(once))
    assert mutate(twice, policy, other, NAMEPLATES, room).operations == []


@CASES
def test_operations_applied_twice_equal_once(pod, offer, policy, room):
    operations = mutate(pod, policy, offer, NAMEPLATES, room).operations
    once = patched(pod, operations)
    assert patched(once, operations) == once


@CASES
def test_what_the_user_set_stands(pod, offer, policy, room):
    before = watts_set(pod)
    mutation = mutate(pod, policy, offer, NAMEPLATES, room)
    after = patched(pod, mutation.operations)
    if before:
        assert watts_set(after) == before
        assert mutation.outcome in (Outcome.USER, Outcome.NO_CONTAINERS)
        assert mutation.watts == 0
    noted = (pod["metadata"].get("annotations") or {}).get("climatik.io/reserved-watts")
    if noted is not None:
        assert after["metadata"]["annotations"]["climatik.io/reserved-watts"] == noted


@CASES
def test_nothing_but_watts_affinity_and_our_annotations_changes(pod, offer, policy, room):
    after = patched(pod, mutate(pod, policy, offer, NAMEPLATES, room).operations)
    assert without_ours(after) == without_ours(pod)


@CASES
def test_watts_are_whole_positive_equal_in_limits_and_requests_and_fit_a_node(pod, offer, policy, room):
    mutation = mutate(pod, policy, offer, NAMEPLATES, room)
    if mutation.outcome is not Outcome.RESOURCE:
        return
    values = watts_set(patched(pod, mutation.operations))
    assert len(values) == 2
    assert {whole_number(value) for value in values.values()} == {mutation.watts}
    assert 0 < mutation.watts <= offer.largest_watts


@CASES
def test_every_governed_pod_is_explained(pod, offer, policy, room):
    mutation = mutate(pod, policy, offer, NAMEPLATES, room)
    if mutation.outcome is Outcome.NO_CONTAINERS:
        return
    annotations = patched(pod, mutation.operations)["metadata"]["annotations"]
    assert annotations["climatik.io/policy"] == policy.name
    assert policy.name in annotations["climatik.io/explanation"]
    assert mutation.watts == 0 or f"Reserved {mutation.watts} W" in annotations["climatik.io/explanation"]


def kept(before, after):
    """Whether all of a value is still there: keys of objects, the beginning of lists."""
    if isinstance(before, dict):
        return isinstance(after, dict) and all(kept(value, after.get(key)) for key, value in before.items())
    if isinstance(before, list):
        same = isinstance(after, list) and len(after) >= len(before)
        return same and all(map(kept, before, after[: len(before)]))
    return before is None or before == after


@CASES
@settings(max_examples=300)
def test_affinity_of_the_user_stands_and_ours_names_no_label_that_he_uses(pod, offer, policy, room):
    after = patched(pod, mutate(pod, policy, offer, NAMEPLATES, room).operations)
    before = pod["spec"].get("affinity")
    assert kept(before, after["spec"].get("affinity"))
    if after["spec"].get("affinity") != before:
        assert policy.spec.update_policy.placement != "Unchanged"
        assert "climatik.io/placement" in after["metadata"]["annotations"]
        assert not pod["spec"].get("nodeName")
        added = keys_of_user(after) - keys_of_user(pod)
        assert added
        assert added <= {rack.elsewhere.key for rack in room.racks}


@CASES
def test_second_call_changes_no_affinity_whatever_racks_report_by_then(pod, offer, policy, room):
    once = patched(pod, mutate(pod, policy, offer, NAMEPLATES, room).operations)
    if "climatik.io/placement" not in (once["metadata"].get("annotations") or {}):
        return
    hot = Room([rack("z", held=False, key="another")])
    assert mutate(once, policy, offer, NAMEPLATES, hot).operations == []
