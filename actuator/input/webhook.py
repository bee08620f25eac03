"""Asks the webhook, as the API server does, whether it would change a pod that a policy governs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from actuator.gate.policy import policy_refusals
from actuator.gate.webhook import WebhookHealth, effect_on, together
from actuator.input.round import Round
from common.api.core import Pod
from common.api.meta import ObjectMeta
from common.api.names import ANNOTATION_POLICY
from common.api.policy import LEVER_EVICT, LEVER_MIGRATE, MODE_AUTO, PowerCappingPolicy
from common.webhook.effect import Effect, is_left_alone
from common.webhook.matching import PolicyIndex
from common.webhook.probe import probe_effect
from common.webhook.registration import skipped_namespaces

_STOPPING = (LEVER_MIGRATE, LEVER_EVICT)


class WebhookWatch:
    """Remembers the last answer; asks anew when that is getting old, and only while pods may be stopped."""

    def __init__(self, again_after: timedelta) -> None:
        self._again_after = again_after
        self._probed_at: datetime | None = None
        self._problem = ""
        self._effect = Effect()

    async def refresh(self, round_: Round) -> None:
        """Asks about a new pod like one that might be stopped, if the last answer is old."""
        now, configuration = round_.moment.now, round_.webhook
        due = self._probed_at is None or now - self._probed_at >= self._again_after
        sample = next(_samples(round_), None)
        if configuration is None or sample is None or not due:
            return
        if sample.namespace in skipped_namespaces(configuration):
            self._problem = f"its registration leaves out namespace {sample.namespace}"
        else:
            async with aiohttp.ClientSession() as session:
                self._problem = await probe_effect(session, configuration, _like(sample), ANNOTATION_POLICY)
        self._probed_at = now
        self._effect = _effect(round_)

    def health(self, round_: Round) -> WebhookHealth:
        """Returns what is known now."""
        return WebhookHealth(round_.webhook is not None, self._probed_at, self._problem, self._effect)


def _samples(round_: Round) -> Iterator[Pod]:
    """Yields pods that only the webhook's health may still keep from being stopped."""
    for policy in round_.picture.policies:
        if any(not policy_refusals(policy, one, round_.moment, round_.gate) for one in _STOPPING):
            for pod in round_.pods.pods_in(policy.namespace):
                if policy.spec.selector.matches(pod.metadata.labels) and not is_left_alone(pod.metadata):
                    yield pod


def _like(pod: Pod) -> dict[str, Any]:
    """Returns a new pod as the owner of this one would make it, reduced to what decides its treatment."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "namespace": pod.namespace,
            "generateName": "climatik-probe-",
            "labels": pod.metadata.labels,
        },
        "spec": {"containers": [{"name": "probe", "image": "probe"}]},
    }


def _effect(round_: Round) -> Effect:
    """Looks at the newest pods of every policy in mode Auto that the webhook should know of."""
    index = PolicyIndex()
    for policy in round_.picture.policies:
        index.change(None, policy)
    skipped = skipped_namespaces(round_.webhook) | round_.moment.paused_namespaces
    return together(
        effect_on(policy, _governed(policy, round_, index))
        for policy in round_.picture.policies
        if policy.spec.update_policy.update_mode == MODE_AUTO and policy.namespace not in skipped
    )


def _governed(policy: PowerCappingPolicy, round_: Round, index: PolicyIndex) -> Iterator[ObjectMeta]:
    for pod in round_.pods.pods_in(policy.namespace):
        governing = index.match(pod.namespace, pod.metadata.labels)
        if governing is not None and governing.name == policy.name:
            yield pod.metadata
