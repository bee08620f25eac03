"""Facts about policies, from their statuses alone."""

import pytest

from admission.alerts.facts.policies import policy_facts
from common.api.meta import Condition, ObjectMeta
from common.api.policy import ForecastPower, PolicyStatus, PowerCappingPolicy, Recommendation

STALE = Condition(type="TelemetryStale", status="True", reason="SourceSilent", message="dcgm is silent")
OVER = Condition(type="WithinCap", status="False", reason="OverCap", message="5,000 W of 4,000 W")
OFF = Condition(type="Acting", status="False", reason="AdviseOnly", message="updateMode is Off")
NO_LEVER = Condition(type="Acting", status="False", reason="NoLever", message="name a lever")
ACTING = Condition(type="Acting", status="True", reason="LeversAllowed")
LIKELY = ForecastPower(horizon_seconds=300, upper_bound_watts=5000, breach_probability_percent=80)
UNLIKELY = ForecastPower(horizon_seconds=300, upper_bound_watts=5000, breach_probability_percent=10)
UNKNOWN = ForecastPower(horizon_seconds=300)


def policy(*conditions, deleted="", **status):
    advice = Recommendation(summary="limit two GPUs to 400 W")
    return PowerCappingPolicy(
        metadata=ObjectMeta(name="chat", namespace="llm", uid="u-1", deletion_timestamp=deleted),
        status=PolicyStatus(conditions=list(conditions), recommendation=advice, **status),
    )


CASES = {
    "nothing known": (policy(), []),
    "within the cap": (policy(ACTING, capping_action_required=False), []),
    "over the cap": (policy(OVER), [("PolicyOverCap", "critical")]),
    "breach likely": (policy(forecast_power=LIKELY), [("PolicyBreachExpected", "warning")]),
    "breach unlikely": (policy(forecast_power=UNLIKELY), []),
    "breach not estimated": (policy(forecast_power=UNKNOWN), []),
    "a breach is told once": (policy(OVER, forecast_power=LIKELY), [("PolicyOverCap", "critical")]),
    "advice with mode off": (policy(OFF, capping_action_required=True), [("AdviceNotTaken", "warning")]),
    "advice without lever": (policy(NO_LEVER, capping_action_required=True), [("AdviceNotTaken", "warning")]),
    "mode off, nothing to do": (policy(OFF, capping_action_required=False), []),
    "advice acted on": (policy(ACTING, capping_action_required=True), []),
    "stale": (policy(STALE), [("TelemetryStale", "warning")]),
    "being deleted": (policy(OVER, STALE, deleted="2026-01-01T00:00:00Z"), []),
}


@pytest.mark.parametrize(("subject", "expected"), CASES.values(), ids=CASES.keys())
def test_facts_follow_from_the_status(subject, expected):
    assert [(fact.name, fact.severity) for fact in policy_facts(subject)] == expected


def test_fact_says_what_where_how_much_and_what_we_advise():
    (fact,) = policy_facts(policy(OVER))
    assert fact.summary == "Policy llm/chat draws more than its cap"
    assert fact.detail == "5,000 W of 4,000 W"
    assert fact.advice == "limit two GPUs to 400 W"
    assert (fact.subject.kind, fact.subject.uid) == ("PowerCappingPolicy", "u-1")


def test_fact_about_the_policy_made_anew_is_the_same():
    (fact,) = policy_facts(policy(OVER))
    again = PowerCappingPolicy(
        metadata=ObjectMeta(name="chat", namespace="llm", uid="u-2"), status=PolicyStatus(conditions=[OVER])
    )
    assert [each.fingerprint for each in policy_facts(again)] == [fact.fingerprint]
