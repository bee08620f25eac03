"""PowerPlan: how a domain's cap should be divided over its children, with reasons."""

from __future__ import annotations

from common.api.meta import KubeObject, Struct
from common.api.names import GROUP, VERSION
from common.api.resource import Resource

MAX_ENTRIES = 256
"""Entries in one PowerPlan; a domain with more children has further objects, its shards."""


class PlanEntry(Struct, frozen=True):
    """Watts for one child: a Node, or a PowerDomain below this one."""

    kind: str
    name: str
    watts: int
    draw_watts: int = 0
    wanted_watts: int = 0
    reason: str = ""


class PlanSpec(Struct, frozen=True):
    """Which domain the plan divides, and which part of it this object holds."""

    domain: str = ""
    shard: int = 0


class PlanStatus(Struct, frozen=True):
    """Written by the recommender, on change."""

    cap_watts: int = 0
    algorithm: str = ""
    entries: list[PlanEntry] = []
    last_updated: str = ""


class PowerPlan(KubeObject, frozen=True):
    """A cluster-scoped plan, named after its domain (``<domain>-<shard>`` from the second shard on)."""

    spec: PlanSpec = PlanSpec()
    status: PlanStatus = PlanStatus()


POWER_PLANS = Resource(kind="PowerPlan", plural="powerplans", type=PowerPlan, group=GROUP, version=VERSION)
