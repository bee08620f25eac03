"""What a round of the ladder rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from actuator.gate.policy import Moment
from actuator.gate.settings import GateSettings
from actuator.input.candidates import PodCache
from actuator.input.picture import Picture
from actuator.ladder.settings import LadderSettings
from common.api.core import Pod
from common.api.decisions import Record
from common.webhook.registration import WebhookConfiguration


class Pods(PodCache, Protocol):
    """Local copies of pods, by namespace and by node."""

    def pods_on(self, node: str) -> list[Pod]:
        """Returns the pods that are bound to a node."""
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
