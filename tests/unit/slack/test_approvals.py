"""What an approval changes, what it may not, and how it is taken back."""

import itertools
from datetime import timedelta

import pytest

from admission.slack.approval import (
    NotApprovable,
    approving_body,
    ended,
    ending_body,
    plan_approval,
)
from common.api.approval import approval_of
from common.api.names import ANNOTATION_APPROVAL, ANNOTATION_PAUSE
from tests.unit.slack.desk_for_tests import BOUNDS, NOW, policy

MODES = ("Off", "Initial", "Auto")
LEVERS = ("Frequency", "PowerLimit", "Scale", "Migrate", "Evict", "Quota")


def every_policy():
    for mode in MODES:
        for count in range(4):
            for levers in itertools.combinations(LEVERS, count):
                yield policy(mode, levers)


def test_no_approval_ever_switches_on_more_than_it_may():
    approved = 0
    for each in every_policy():
        update = each.spec.update_policy
        active = set(update.levers) if update.update_mode == "Auto" else set()
        try:
            plan = plan_approval(each, None, BOUNDS)
        except NotApprovable:
            continue
        approved += 1
        after = set(update.levers) | set(plan.adds)
        assert after - active <= set(BOUNDS.levers)
        assert plan.lines()
    assert approved > 20


def test_what_is_applied_names_only_what_is_new():
    plan = plan_approval(policy("Initial", ["PowerLimit"]), 30, BOUNDS)
    body = approving_body(plan, plan.policy, "U1", NOW)
    assert body["spec"] == {"updatePolicy": {"updateMode": "Auto", "levers": ["Frequency"]}}
    assert body["metadata"]["resourceVersion"] == "7"
    assert body["metadata"]["uid"] == "u-1"


def test_mode_that_is_auto_already_stays_its_owners():
    plan = plan_approval(policy("Auto", ["Evict"]), None, BOUNDS)
    assert approving_body(plan, plan.policy, "U1", NOW)["spec"]["updatePolicy"] == {
        "levers": ["Frequency", "PowerLimit"]
    }


def applied(mode, levers=()):
    plan = plan_approval(policy(mode, levers), 30, BOUNDS)
    body = approving_body(plan, plan.policy, "U1", NOW)
    return policy("Auto", BOUNDS.levers, body["metadata"]["annotations"])


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("Off", {}), ("Initial", {"updatePolicy": {"updateMode": "Initial"}}), ("Auto", {})],
)
def test_end_puts_the_mode_back_where_it_was_no_default(mode, expected):
    body = ending_body(applied(mode, ["Frequency"]))
    assert body["spec"] == expected
    assert "annotations" not in body["metadata"]


def test_end_leaves_a_mode_alone_that_somebody_set_meanwhile():
    held = applied("Initial")
    since = policy("Off", (), held.metadata.annotations)
    assert ending_body(since)["spec"] == {}


def test_it_ends_at_its_time_and_not_before():
    held = applied("Off")
    assert not ended(held, NOW + timedelta(minutes=30) - timedelta(seconds=1))
    assert ended(held, NOW + timedelta(minutes=30))
    assert not ended(policy(), NOW)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"until": "soon"}', '{"until": "2026-01-01T00:00:00"}', '{"until": 5}']
)
def test_approval_that_cannot_be_read_is_over(text):
    assert ended(policy("Auto", ["Frequency"], {ANNOTATION_APPROVAL: text}), NOW)


@pytest.mark.parametrize(
    ("known", "minutes", "because"),
    [
        pytest.param(
            policy("Auto", ["Frequency", "PowerLimit"]), None, "nothing to approve", id="allowed already"
        ),
        pytest.param(policy("Off", ["Evict"]), None, "names Evict", id="a lever that evicts would awake"),
        pytest.param(policy(annotations={ANNOTATION_PAUSE: "true"}), None, "paused", id="paused"),
        pytest.param(policy(deletion_timestamp="2026-01-01T00:00:00Z"), None, "deleted", id="being deleted"),
        pytest.param(policy(), 481, "480 at most", id="too long"),
        pytest.param(applied("Off"), None, "U1 approved it", id="approved already"),
    ],
)
def test_what_may_not_be_approved_says_why(known, minutes, because):
    with pytest.raises(NotApprovable, match=because):
        plan_approval(known, minutes, BOUNDS)


def test_digest_changes_with_whatever_was_shown():
    plans = [
        plan_approval(policy(), 30, BOUNDS),
        plan_approval(policy(), 31, BOUNDS),
        plan_approval(policy("Initial"), 30, BOUNDS),
        plan_approval(policy("Off", ["Frequency"]), 30, BOUNDS),
        plan_approval(policy("Auto", ["Scale"]), 30, BOUNDS),
    ]
    assert len({plan.digest for plan in plans}) == 4  # from Off or Initial: told apart by the generation
    assert plans[0].digest == plan_approval(policy(), 30, BOUNDS).digest


def test_annotation_says_who_and_until_when():
    found = approval_of(applied("Initial"))
    assert (found.by, found.until, found.mode_before) == ("U1", "2026-01-01T00:30:00Z", "Initial")
