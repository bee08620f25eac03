"""Which policies' advice is followed, and which of two that want the same count gets it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from actuator.gate.policy import Moment
from actuator.gate.settings import GateSettings
from actuator.scaling.landing import LATEST_SECONDS, Landing
from actuator.scaling.memory import Held, Note
from actuator.scaling.notes import holdings
from actuator.scaling.rivals import rivals_refused
from actuator.scaling.survey import Survey
from actuator.scaling.transition import Service
from actuator.scaling.wishes import Standing, cap_watts, standing, wishes
from common.api.core import ObjectReference
from common.api.meta import Condition, ObjectMeta, rfc3339
from common.api.policy import (
    PolicySpec,
    PolicyStatus,
    PowerCappingPolicy,
    Recommendation,
    ReplicaAdvice,
    UpdatePolicy,
)
from tests.unit.actuator.advice import FRESH

OWNER = ObjectReference(api_version="apps/v1", kind="Deployment", name="chat", namespace="ns")
SCALES = UpdatePolicy(update_mode="Auto", levers=["Scale"])


NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def policy(
    name: str = "cap",
    update: UpdatePolicy = SCALES,
    status: dict[str, object] | None = None,
    **metadata: object,
) -> PowerCappingPolicy:
    meta = ObjectMeta(name=name, namespace="ns", generation=2, **metadata)  # type: ignore[arg-type]
    said = {"last_updated": rfc3339(NOW), "observed_generation": 2, "conditions": [FRESH], **(status or {})}
    return PowerCappingPolicy(
        metadata=meta,
        spec=PolicySpec(update_policy=update),
        status=PolicyStatus(**said),  # type: ignore[arg-type]
    )


PAUSE = {"climatik.io/pause": "true"}
STALE = Condition(type="TelemetryStale", status="True", reason="Old", message="too old")
OLD = rfc3339(NOW - timedelta(seconds=200))
STANDINGS = {
    "it may scale": (policy(), Standing.SCALES, ""),
    "another lever": (policy(update=UpdatePolicy(update_mode="Auto", levers=["Evict"])), Standing.OVER, ""),
    "another mode": (policy(update=UpdatePolicy(update_mode="Off", levers=["Scale"])), Standing.OVER, ""),
    "paused": (policy(annotations=PAUSE), Standing.WAITS, "PolicyPaused"),
    "deleted under a pause": (
        policy(annotations=PAUSE, deletion_timestamp="2026-01-01T00:00:00Z"),
        Standing.OVER,
        "",
    ),
    "advice that is old": (policy(status={"last_updated": OLD}), Standing.WAITS, "AdviceStale"),
    "advice for an older spec": (policy(status={"observed_generation": 1}), Standing.WAITS, "AdviceOutdated"),
    "stale telemetry": (policy(status={"conditions": [STALE]}), Standing.WAITS, "TelemetryStale"),
}


def stand(item: PowerCappingPolicy, *paused: str) -> tuple[Standing, str]:
    moment = Moment(NOW, datetime.min.replace(tzinfo=UTC), "home", frozenset(paused))
    found, refusals = standing(item, moment, GateSettings())
    return found, ", ".join(one.reason for one in refusals)


@pytest.mark.parametrize(("item", "expected", "reason"), STANDINGS.values(), ids=STANDINGS.keys())
def test_standing(item: PowerCappingPolicy, expected: Standing, reason: str) -> None:
    assert stand(item) == (expected, reason)


def test_a_paused_namespace_pauses_its_policies_and_the_binaries_own_all() -> None:
    assert stand(policy(), "ns") == (Standing.WAITS, "NamespacePaused")
    assert stand(policy(), "home") == (Standing.WAITS, "ClusterPaused")
    assert stand(policy(), "other") == (Standing.SCALES, "")


def test_no_ceiling_is_under_the_policys_minimum() -> None:
    update = UpdatePolicy(update_mode="Auto", levers=["Scale"], min_replicas=2)
    advice = Recommendation(replicas=[ReplicaAdvice(workload="Deployment/chat", replicas=1)])
    spec = PolicySpec(update_policy=update)
    item = PowerCappingPolicy(spec=spec, status=PolicyStatus(recommendation=advice, effective_cap_watts=900))
    assert [wish.replicas for wish in wishes(item)] == [2]
    assert cap_watts(item) == 900


def survey() -> Survey:
    return Survey(services=[Service(OWNER, bound=4, wanted=2, alive=4)])


def test_the_older_policy_bounds_what_two_want() -> None:
    policies = [
        policy("a", creation_timestamp="2026-02-01T00:00:00Z"),
        policy("b", creation_timestamp="2026-01-01T00:00:00Z"),
    ]
    surveys = {"ns/a": survey(), "ns/b": survey()}
    rivals_refused(policies, surveys, {})
    assert [len(one.services) for one in surveys.values()] == [0, 1]
    (refusal,) = surveys["ns/a"].refusals
    assert refusal.reason == "HeldByOtherPolicy"
    assert "policy ns/b bounds its count" in refusal.message


def test_the_one_that_holds_it_keeps_it() -> None:
    policies = [policy("a", creation_timestamp="2026-02-01T00:00:00Z"), policy("b")]
    surveys = {"ns/a": survey(), "ns/b": survey()}
    rivals_refused(policies, surveys, {OWNER: Note({"/spec/replicas": Held(4, 2, "ns/a", "t")})})
    assert [len(one.services) for one in surveys.values()] == [1, 0]


def test_holdings_are_told_by_part() -> None:
    llm = ObjectReference(kind="LLMInferenceService", name="llama", namespace="ns")
    fields = {
        "/spec/replicas": Held(4, 2, "ns/a", "t"),
        "/spec/prefill/replicas": Held(4, 2, "ns/b", "t"),
    }
    assert [one.field_path for one in holdings("ns/a", {llm: Note(fields)})] == [""]
    assert [one.field_path for one in holdings("ns/b", {llm: Note(fields)})] == ["spec.prefill"]
    assert holdings("ns/c", {llm: Note(fields)}) == []


def test_a_raise_counts_until_it_is_seen() -> None:
    landing, before = Landing(), Service(OWNER, bound=2, wanted=4, alive=2)
    landing.sent(OWNER, 4, now=0.0)
    assert [one.bound for one in landing.book([before], 1.0)] == [4]
    seen = Service(OWNER, bound=4, wanted=4, alive=2)
    assert landing.book([seen], 2.0) == [seen]
    assert landing.book([before], 3.0) == [before]


def test_a_write_that_is_never_seen_counts_for_a_while() -> None:
    landing, before = Landing(), Service(OWNER, bound=2, wanted=4, alive=2)
    landing.sent(OWNER, 4, now=0.0)
    assert landing.book([before], LATEST_SECONDS + 1) == [before]


def test_owners_that_went_before_their_raise_was_seen_are_forgotten() -> None:
    landing, gone = Landing(), replace(OWNER, name="gone")
    landing.sent(gone, 4, now=0.0)
    landing.sent(OWNER, 4, now=LATEST_SECONDS + 1)
    before = Service(gone, bound=2, wanted=4, alive=2)
    assert landing.book([before], 1.0) == [before]


def test_a_refused_raise_does_not_count() -> None:
    landing, before = Landing(), Service(OWNER, bound=2, wanted=4, alive=2)
    landing.sent(OWNER, 4, now=0.0)
    landing.refused(OWNER)
    assert landing.book([before], 1.0) == [before]
