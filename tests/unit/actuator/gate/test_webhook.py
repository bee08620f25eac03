"""The webhook has to answer, and what it does has to arrive on pods."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from actuator.gate.webhook import WebhookHealth, effect_on, together, webhook_refusals
from common.api.meta import Condition, ObjectMeta, rfc3339
from common.api.policy import PolicyStatus, PowerCappingPolicy
from common.webhook.effect import Effect

NOW = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)
JUST_NOW = NOW - timedelta(seconds=3)
WELL = Effect(marked=2)
CASES = {
    "well": (WebhookHealth(True, JUST_NOW, "", WELL), []),
    "not registered": (WebhookHealth(), ["WebhookNotRegistered"]),
    "down": (WebhookHealth(True, JUST_NOW, "the call failed", WELL), ["WebhookUnavailable"]),
    "never asked": (WebhookHealth(True, None, "", WELL), ["WebhookUnproven"]),
    "asked long ago": (WebhookHealth(True, NOW - timedelta(seconds=16), "", WELL), ["WebhookUnproven"]),
    "without effect": (WebhookHealth(True, JUST_NOW, "", Effect(2, ("llm/a",))), ["WebhookWithoutEffect"]),
    "nothing proves its effect": (WebhookHealth(True, JUST_NOW, "", Effect()), ["WebhookUnproven"]),
}


@pytest.mark.parametrize("name", CASES)
def test_the_refusals(name: str) -> None:
    health, reasons = CASES[name]
    assert [one.reason for one in webhook_refusals(health, NOW, timedelta(seconds=15))] == reasons


def pod(name: str, minutes: float, *, marked: bool, **meta: dict[str, str]) -> ObjectMeta:
    annotations = ({"climatik.io/policy": "cap"} if marked else {}) | meta.get("annotations", {})
    made = rfc3339(NOW - timedelta(minutes=minutes))
    return ObjectMeta(name=name, namespace="llm", creation_timestamp=made, annotations=annotations)


def policy(acting_minutes: float = 60) -> PowerCappingPolicy:
    since = rfc3339(NOW - timedelta(minutes=acting_minutes))
    acting = Condition(type="Acting", status="True", reason="On", last_transition_time=since)
    meta = ObjectMeta(name="cap", namespace="llm", creation_timestamp=rfc3339(NOW - timedelta(days=1)))
    return PowerCappingPolicy(metadata=meta, status=PolicyStatus(conditions=[acting]))


def test_the_newest_pods_decide() -> None:
    old = [pod(f"old{n}", 50 + n, marked=False) for n in range(3)]
    new = [pod(f"new{n}", n, marked=True) for n in range(3)]
    assert effect_on(policy(), [*old, *new]) == Effect(3)
    assert effect_on(policy(), [*new[1:], pod("latest", 0.5, marked=False)]).unmarked == ("llm/latest",)


def test_pods_from_before_the_mode_was_auto_prove_nothing() -> None:
    assert effect_on(policy(acting_minutes=5), [pod("before", 6, marked=False)]) == Effect()
    assert effect_on(policy(acting_minutes=5), [pod("just after", 4.6, marked=False)]) == Effect()


def test_a_policy_that_does_not_act_proves_nothing() -> None:
    idle = PowerCappingPolicy(metadata=policy().metadata)
    assert effect_on(idle, [pod("a", 1, marked=False)]) == Effect()


def test_pods_that_opted_out_prove_nothing() -> None:
    opted_out = pod("a", 1, marked=False, annotations={"climatik.io/opt-out": "true"})
    assert effect_on(policy(), [opted_out]) == Effect()


def test_policies_are_judged_together() -> None:
    assert together([Effect(1), Effect(2, ("x/y",))]) == Effect(3, ("x/y",))
