"""Whether a pod bears the webhook's mark, and whether it should."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from common.api.exempt import is_mirror, is_opted_out
from common.api.meta import ObjectMeta, parse_time
from common.api.names import ANNOTATION_POLICY

SETTLED: Final = timedelta(seconds=30)
"""A policy this young may not have reached the webhook when a pod was made."""


def is_marked(pod: ObjectMeta) -> bool:
    """Whether the webhook has said on a pod that a policy governs it."""
    return ANNOTATION_POLICY in pod.annotations


def is_left_alone(pod: ObjectMeta) -> bool:
    """Whether the webhook leaves a pod as it is whatever policies say: opted out, or not made by the API."""
    return is_opted_out(pod.annotations, pod.labels) or is_mirror(pod.annotations)


@dataclass(frozen=True)
class Effect:
    """What the newest pods that a policy governs tell of the webhook.

    Attributes:
        marked: How many of them bear its mark.
        unmarked: ``namespace/name`` of those that do not.
    """

    marked: int = 0
    unmarked: tuple[str, ...] = ()


def effect_of(pods: Iterable[ObjectMeta], since: datetime, newest: int) -> Effect:
    """Looks at the newest pods that were made after the webhook must have known of their policy.

    Args:
        pods: Pods that one policy governs.
        since: When the policy began to act on new pods.
        newest: How many pods are looked at.
    """
    made = [(created, pod) for pod in pods if (created := parse_time(pod.creation_timestamp)) is not None]
    judged = [(created, pod) for created, pod in made if created - since > SETTLED and not is_left_alone(pod)]
    judged.sort(key=lambda one: (one[0], one[1].name), reverse=True)
    latest = [pod for _, pod in judged[:newest]]
    unmarked = tuple(f"{pod.namespace}/{pod.name}" for pod in latest if not is_marked(pod))
    return Effect(len(latest) - len(unmarked), unmarked)
