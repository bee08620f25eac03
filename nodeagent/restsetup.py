"""Puts together what is known, and can be learned, of the rest of the node."""

from __future__ import annotations

from pathlib import Path

from common.clock import Clock
from nodeagent.devices.device import DeviceSet
from nodeagent.guard.restbound import RestBound
from nodeagent.guard.restlearning import LearnedRest, LearningSettings
from nodeagent.hardware.rest import RestReader
from nodeagent.settings import AgentSettings
from nodeagent.state.knowledge import RestKnowledge


def build_rest(settings: AgentSettings, hardware: DeviceSet, clock: Clock) -> RestReader:
    """Returns the reader of the rest; it learns where there is a meter.

    Args:
        settings: The agent's settings; their state directory is there.
        hardware: The devices, and the meter.
        clock: Time.
    """
    now = clock.monotonic()
    knowledge = RestKnowledge(
        Path(settings.state_dir), hardware.boot_id, [device.info.id for device in hardware.devices]
    )
    learned = (
        LearnedRest(_learning(settings), knowledge.load(now)) if hardware.rest_meter is not None else None
    )
    settle_seconds = max((device.info.settle_seconds for device in hardware.devices), default=0.0)
    bound = RestBound(hardware.rest_bound_watts, learned, settle_seconds, now)
    return RestReader(bound, hardware.rest_meter, clock.monotonic, None if settings.dry_run else knowledge)


def _learning(settings: AgentSettings) -> LearningSettings:
    return LearningSettings(
        enough_seconds=settings.rest_learning_seconds,
        margin_ratio=settings.rest_margin_percent / 100.0,
        follow_ratio=settings.rest_follow_percent / 100.0,
    )
