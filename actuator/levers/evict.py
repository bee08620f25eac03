"""The lever of eviction: a pod is stopped through the Eviction API, which keeps disruption budgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actuator.ladder.action import Action, Outcome, Rung
from common.api.core import PODS
from common.kube.client import Client
from common.kube.errors import Conflict, Forbidden, NotFound, PermanentError, TooManyRequests

EVICTION_SECONDS = 10.0
"""Bound on one call: an eviction that takes longer is looked at again in a later round."""


class EvictLever:
    """Evicts exactly the pod that was decided on: another one of its name is left alone.

    Args:
        client: Where to.
        may_write: Whether this process still leads; asked right before the call.
    """

    rung = Rung.EVICT

    def __init__(self, client: Client, may_write: Callable[[], bool] = lambda: True) -> None:
        self._client = client
        self._may_write = may_write

    async def take(self, action: Action) -> Outcome:
        """Evicts the pod; one that is gone or on its way out is taken as done.

        Raises:
            KubeError: No answer, or one that says nothing of the pod: it may have been evicted.
        """
        if not self._may_write():
            return Outcome(action, False, "NotLeading", "this process does not lead any more")
        try:
            await self._evict(action)
        except NotFound:
            return Outcome(action, True, "AlreadyGone", "the pod was gone already", requests=1)
        except (TooManyRequests, Conflict, PermanentError) as error:
            return _refusal(action, error)
        return Outcome(action, True, "Evicted", action.reason, requests=1)

    async def _evict(self, action: Action) -> None:
        target = action.target
        body: dict[str, Any] = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": target.name, "namespace": target.namespace},
            "deleteOptions": {"preconditions": {"uid": target.uid}},
        }
        path = PODS.path(target.namespace, target.name, "eviction")
        await self._client.request("POST", path, body=body, deadline_seconds=EVICTION_SECONDS)


def _refusal(action: Action, error: TooManyRequests | Conflict | PermanentError) -> Outcome:
    """Returns what an answer means that the same call would get again: to plan with, not a failure."""
    match error:
        case TooManyRequests():
            reason = "DisruptionBudget" if error.disruption_budget else "Overloaded"
            causes = [cause.message for cause in error.status.causes if cause.message]
            text = "; ".join(causes) or str(error)
            return Outcome(action, False, reason, text, 1, error.retry_after_seconds or 0.0)
        case Conflict():
            text = "another pod bears its name by now: that one was left alone"
            return Outcome(action, False, "Replaced", text, requests=1)
        case Forbidden():
            text = f"{error}: grant the actuator create on pods/eviction"
            return Outcome(action, False, "Forbidden", text, requests=1)
        case _:
            return Outcome(action, False, "NotAccepted", str(error), requests=1)
