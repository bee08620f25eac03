"""Whether the admission webhook answers, and whether what it does arrives on pods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from actuator.gate.refusal import Refusal
from common.api.meta import ObjectMeta, find_condition, parse_time
from common.api.policy import PowerCappingPolicy
from common.webhook.effect import Effect, effect_of

NEWEST_PODS = 3
"""So many of each policy's newest pods are looked at for the webhook's mark."""
_NAMED = 3


@dataclass(frozen=True)
class WebhookHealth:
    """What is known of the webhook.

    Attributes:
        registered: Whether its registration exists.
        probed_at: When it was last asked about a pod; None before that.
        problem: What was wrong with the answer; empty where it would have changed the pod.
        effect: What the newest governed pods tell.
    """

    registered: bool = False
    probed_at: datetime | None = None
    problem: str = ""
    effect: Effect = field(default_factory=Effect)


def webhook_refusals(health: WebhookHealth, now: datetime, probe_age: timedelta) -> Iterator[Refusal]:
    """Yields why no pod may be stopped: its replacement would come up without what the webhook sets."""
    if not health.registered:
        yield Refusal("WebhookNotRegistered", "the MutatingWebhookConfiguration climatik is missing")
        return
    if health.problem:
        yield Refusal("WebhookUnavailable", f"the webhook was asked: {health.problem}")
    elif health.probed_at is None or now - health.probed_at > probe_age:
        yield Refusal("WebhookUnproven", "the webhook has not answered recently: it is being asked")
    if health.effect.unmarked:
        named = ", ".join(health.effect.unmarked[:_NAMED])
        text = f"the newest pods bear no mark of the webhook ({named}): see the log of climatik-admission"
        yield Refusal("WebhookWithoutEffect", text)
    elif not health.effect.marked:
        text = (
            "no pod was made since the webhook acts on a policy in mode Auto: nothing proves its effect;"
            " roll one workload (kubectl rollout restart)"
        )
        yield Refusal("WebhookUnproven", text)


def effect_on(policy: PowerCappingPolicy, pods: Iterable[ObjectMeta]) -> Effect:
    """Returns what the newest pods of a policy in mode Auto tell.

    Args:
        policy: Its condition Acting says since when the webhook has known of its mode.
        pods: The pods that it governs.
    """
    since = _acting_since(policy)
    return Effect() if since is None else effect_of(pods, since, NEWEST_PODS)


def together(effects: Iterable[Effect]) -> Effect:
    """Returns what all policies' pods tell together."""
    found = list(effects)
    unmarked = tuple(name for effect in found for name in effect.unmarked)
    return Effect(sum(effect.marked for effect in found), unmarked)


def _acting_since(policy: PowerCappingPolicy) -> datetime | None:
    acting = find_condition(policy.status.conditions, "Acting")
    if acting is None or acting.status != "True":
        return None
    times = [parse_time(acting.last_transition_time), parse_time(policy.metadata.creation_timestamp)]
    known = [time for time in times if time is not None]
    return max(known) if len(known) == len(times) else None
