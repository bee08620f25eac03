"""Whether a policy's levers may be used now: mode, levers, pause, windows, freshness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from actuator.gate.mode import is_paused
from actuator.gate.refusal import Refusal
from actuator.gate.settings import GateSettings
from actuator.gate.windows import window_refusal
from common.api.meta import Condition, find_condition, parse_time
from common.api.names import ANNOTATION_PAUSE
from common.api.policy import LEVER_EVICT, LEVER_MIGRATE, MODE_AUTO, PowerCappingPolicy

TELEMETRY_STALE = "TelemetryStale"
_NEED_A_WINDOW = frozenset({LEVER_MIGRATE, LEVER_EVICT})


@dataclass(frozen=True)
class Moment:
    """What holds for all policies alike.

    Attributes:
        now: The API server's time.
        leading_since: When this leader's term began.
        home: The namespace whose pause annotation stops every lever of the cluster.
        paused_namespaces: Namespaces that bear the pause annotation.
    """

    now: datetime
    leading_since: datetime
    home: str
    paused_namespaces: frozenset[str] = frozenset()


def policy_refusals(
    policy: PowerCappingPolicy, lever: str, moment: Moment, settings: GateSettings
) -> list[Refusal]:
    """Returns every reason why a policy's lever may not be used; none where it may."""
    return [
        *_standing_orders(policy, lever),
        *_pauses(policy, moment),
        *_advice(policy, moment, settings),
        *filter(None, [window_refusal(policy, moment.now) if lever in _NEED_A_WINDOW else None]),
    ]


def _standing_orders(policy: PowerCappingPolicy, lever: str) -> Iterator[Refusal]:
    update = policy.spec.update_policy
    if policy.metadata.deletion_timestamp:
        yield Refusal("BeingDeleted", "the policy is being deleted", chosen=True)
    if update.update_mode != MODE_AUTO:
        text = f"spec.updatePolicy.updateMode is {update.update_mode}: only Auto acts"
        yield Refusal(f"Mode{update.update_mode}", text, chosen=True)
    elif lever not in update.levers:
        yield Refusal("LeverNotNamed", f"spec.updatePolicy.levers does not name {lever}", chosen=True)


def _pauses(policy: PowerCappingPolicy, moment: Moment) -> Iterator[Refusal]:
    remedy = f"take annotation {ANNOTATION_PAUSE} away to go on"
    if is_paused(policy):
        yield Refusal("PolicyPaused", f"the policy is paused: {remedy}")
    if moment.home in moment.paused_namespaces:
        text = f"the whole cluster is paused on namespace {moment.home}: {remedy}"
        yield Refusal("ClusterPaused", text)
    elif policy.namespace in moment.paused_namespaces:
        yield Refusal("NamespacePaused", f"namespace {policy.namespace} is paused: {remedy}")


def _advice(policy: PowerCappingPolicy, moment: Moment, settings: GateSettings) -> Iterator[Refusal]:
    yield from freshness(policy.status.last_updated, "the advice", moment, settings)
    if policy.status.last_updated and policy.status.observed_generation < policy.metadata.generation:
        yield Refusal("AdviceOutdated", "the advice was given before the policy's last change: wait for it")
    yield from telemetry(policy.status.conditions)


def freshness(stamp: str, what: str, moment: Moment, settings: GateSettings) -> Iterator[Refusal]:
    """Yields why a report is too old to act on: stale, or from before this leader began to watch."""
    at = parse_time(stamp)
    if at is None:
        yield Refusal("AdviceMissing", f"{what} has no time: is the recommender running?")
        return
    age = moment.now - at
    if age > settings.advice_age:
        limit = settings.advice_age.total_seconds()
        text = f"{what} is {age.total_seconds():.0f} s old (limit {limit:g} s): is the recommender running?"
        yield Refusal("AdviceStale", text)
    elif at < moment.leading_since:
        yield Refusal("AdviceBeforeTerm", f"{what} is from before this leader's term: wait for the next")
    if moment.now - moment.leading_since < settings.warm_up:
        text = f"this leader watches for {settings.warm_up.total_seconds():g} s before it disrupts anything"
        yield Refusal("WarmingUp", text)


def telemetry(conditions: list[Condition]) -> Iterator[Refusal]:
    """Yields that the measurements behind a status are stale, or that nobody says whether they are."""
    condition = find_condition(conditions, TELEMETRY_STALE)
    if condition is None:
        yield Refusal(TELEMETRY_STALE, "the recommender has not said that its telemetry is fresh")
    elif condition.status != "False":
        yield Refusal(TELEMETRY_STALE, condition.message or "the telemetry behind the advice is stale")
