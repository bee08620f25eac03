"""What a plan gives a workload."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Planned:
    """What the plan gives a workload: a ceiling, the watts that each replica counts with, and why."""

    replicas: int
    watts: int
    reason: str
