"""Facts about the actuator's lease and the webhook."""

from datetime import UTC, datetime, timedelta

import pytest

from admission.alerts.facts.control import effect_facts, leader_facts, webhook_facts
from common.api.core import Lease, LeaseSpec, PartialObject
from common.api.meta import ObjectMeta, rfc3339, rfc3339_micro
from common.api.policy import PolicySpec, PowerCappingPolicy, UpdatePolicy
from common.api.selector import LabelSelector
from common.webhook.matching import PolicyIndex

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def ago(seconds):
    return rfc3339(NOW - timedelta(seconds=seconds))


def lease(seconds_ago):
    renewed = rfc3339_micro(NOW - timedelta(seconds=seconds_ago)) if seconds_ago is not None else None
    spec = LeaseSpec(holder_identity="a", lease_duration_seconds=15, renew_time=renewed)
    return Lease(metadata=ObjectMeta(name="climatik-actuator", namespace="climatik-project"), spec=spec)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [(None, 0), (lease(None), 0), (lease(44), 0), (lease(46), 1)],
    ids=["not installed", "never held", "renewed", "abandoned"],
)
def test_actuator_without_leader(subject, expected):
    assert len(list(leader_facts(subject, NOW))) == expected


@pytest.mark.parametrize(
    ("registered", "problem", "expected"),
    [
        (True, "", []),
        (False, "", ["WebhookNotRegistered"]),
        (True, "expired certificate", ["WebhookUnavailable"]),
    ],
)
def test_webhook_that_cannot_be_reached(registered, problem, expected):
    assert [fact.name for fact in webhook_facts(registered, problem)] == expected


def index(policy_age=3600, mode="Auto"):
    made = PolicyIndex()
    spec = PolicySpec(
        selector=LabelSelector(match_labels={"app": "llm"}), update_policy=UpdatePolicy(update_mode=mode)
    )
    made.change(
        None,
        PowerCappingPolicy(
            metadata=ObjectMeta(name="chat", namespace="llm", creation_timestamp=ago(policy_age)), spec=spec
        ),
    )
    return made


def pod(age=60, namespace="llm", app="llm", **annotations):
    return PartialObject(
        metadata=ObjectMeta(
            name="p",
            namespace=namespace,
            creation_timestamp=ago(age),
            labels={"app": app},
            annotations={f"climatik.io/{key.replace('_', '-')}": value for key, value in annotations.items()},
        )
    )


EFFECTS = {
    "unmarked": (pod(), index(), 1),
    "marked": (pod(policy="chat"), index(), 0),
    "opted out": (pod(opt_out="true"), index(), 0),
    "made long ago": (pod(age=700), index(), 0),
    "of no policy": (pod(app="web"), index(), 0),
    "of a policy that is off": (pod(), index(mode="Off"), 0),
    "made before the policy": (pod(age=60), index(policy_age=50), 0),
    "made just after the policy": (pod(age=60), index(policy_age=80), 0),
    "in a skipped namespace": (pod(namespace="kube-system"), index(), 0),
}


@pytest.mark.parametrize(("subject", "policies", "expected"), EFFECTS.values(), ids=EFFECTS.keys())
def test_webhook_without_effect(subject, policies, expected):
    facts = list(effect_facts([subject], policies, frozenset({"kube-system"}), NOW))
    assert len(facts) == expected


def test_many_pods_of_one_policy_are_one_fact():
    (fact,) = effect_facts([pod(), pod(), pod()], index(), frozenset(), NOW)
    assert fact.detail.startswith("3 pods")
