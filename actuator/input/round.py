"""What a round of the ladder rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from actuator.gate.policy import Moment
from actuator.gate.settings import GateSettings
from actuator.input.picture import Picture
from actuator.ladder.settings import LadderSettings
from common.api.core import Pod
from common.api.decisions import Record
from common.api.disruption import PodDisruptionBudget
from common.webhook.registration import WebhookConfiguration


class Pods(Protocol):
    """Local copies of pods, by namespace and by node, and of disruption budgets."""

    def pods_in(self, namespace: str) -> list[Pod]:
        """Returns the pods of a namespace."""
        ...

    def pods_on(self, node: str) -> list[Pod]:
        """Returns the pods that are bound to a node."""
        ...

    def budgets_in(self, namespace: str) -> list[PodDisruptionBudget]:
        """Returns the disruption budgets of a namespace."""
        ...


@dataclass(frozen=True)
class Round:
    """Picture, pods, record and settings at one moment."""

    picture: Picture
    pods: Pods
    record: Record
    moment: Moment
    gate: GateSettings
    ladder: LadderSettings
    webhook: WebhookConfiguration | None = None
