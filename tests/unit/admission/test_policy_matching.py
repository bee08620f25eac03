"""The policy that governs a pod, at a cost that policies elsewhere do not change."""

from hypothesis import given
from hypothesis import strategies as st

from common.api.policy import PolicySpec, PowerCappingPolicy, UpdatePolicy
from common.api.selector import LabelSelector, Requirement
from common.webhook.matching import PolicyIndex, acts_on_admission
from tests.unit.admission.pods_for_tests import policy


def index(*policies):
    made = PolicyIndex()
    for each in policies:
        made.change(None, each)
    return made


def test_policy_of_the_namespace_whose_selector_fits():
    found = index(policy("a", labels={"app": "a"}), policy("b", labels={"app": "b"}))
    assert found.match("ns", {"app": "b", "x": "y"}).name == "b"
    assert found.match("ns", {"app": "c"}) is None
    assert found.match("other", {"app": "a"}) is None


def test_policy_that_is_off_paused_or_going_away_touches_nothing():
    found = index(
        policy("off", mode="Off"),
        policy("paused", annotations={"climatik.io/pause": "true"}),
        policy("going", deletion_timestamp="2026-01-01T00:00:00Z"),
    )
    assert found.match("ns", {}) is None


def test_higher_priority_then_age_then_name_wins():
    old = policy("z", priority=5, creation_timestamp="2026-01-01T00:00:00Z")
    young = policy("a", priority=5, creation_timestamp="2026-02-01T00:00:00Z")
    low = policy("b", priority=1, creation_timestamp="2025-01-01T00:00:00Z")
    twin = policy("y", priority=5, creation_timestamp="2026-01-01T00:00:00Z")
    assert index(young, low, old).match("ns", {}).name == "z"
    assert index(old, twin).match("ns", {}).name == "y"


def test_change_and_deletion_are_followed():
    found = PolicyIndex()
    first, second = policy(labels={"app": "a"}), policy(labels={"app": "b"})
    found.change(None, first)
    found.change(first, second)
    assert found.match("ns", {"app": "a"}) is None
    assert found.match("ns", {"app": "b"}) is second
    found.change(second, policy(mode="Off", labels={"app": "b"}))
    assert found.match("ns", {"app": "b"}) is None
    found.change(second, None)
    assert found.match("ns", {"app": "b"}) is None


class Watched(LabelSelector, frozen=True):
    """A selector that fails the test when it is asked."""

    def matches(self, labels):
        raise AssertionError("a policy that has nothing to do with the pod was asked")


def watched(name, namespace, labels):
    spec = PolicySpec(selector=Watched(match_labels=labels), update_policy=UpdatePolicy(update_mode="Auto"))
    return PowerCappingPolicy(metadata=policy(name, namespace=namespace).metadata, spec=spec)


def test_policies_elsewhere_are_never_asked():
    others = [watched(f"p{i}", f"ns{i % 7}", {"app": "a"}) for i in range(100)]
    neighbours = [watched(f"q{i}", "ns", {"app": f"a{i}"}) for i in range(100)]
    assert (
        index(*others, *neighbours, policy("mine", labels={"app": "a"})).match("ns", {"app": "a"}).name
        == "mine"
    )


LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy"), max_size=3)
SELECTORS = st.builds(
    LabelSelector,
    match_labels=LABELS,
    match_expressions=st.lists(
        st.builds(
            Requirement,
            key=st.sampled_from("abc"),
            operator=st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]),
            values=st.lists(st.sampled_from("xy"), max_size=2),
        ),
        max_size=2,
    ),
)
POLICIES = st.lists(
    st.tuples(
        st.sampled_from("mnop"), st.sampled_from(["ns", "other"]), SELECTORS, st.sampled_from(["Off", "Auto"])
    ),
    max_size=12,
)


@given(POLICIES, LABELS)
def test_index_agrees_with_a_scan_of_all_policies(rows, labels):
    found, live = PolicyIndex(), {}
    for name, namespace, selector, mode in rows:
        spec = PolicySpec(selector=selector, update_policy=UpdatePolicy(update_mode=mode))
        new = PowerCappingPolicy(metadata=policy(name, namespace=namespace).metadata, spec=spec)
        found.change(live.get((namespace, name)), new)
        live[namespace, name] = new
    fitting = [
        each
        for each in live.values()
        if each.namespace == "ns" and acts_on_admission(each) and each.spec.selector.matches(labels)
    ]
    assert found.match("ns", labels) is min(fitting, key=lambda each: each.name, default=None)
