"""Writes statuses and plans, and only what has really changed."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import msgspec

from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.meta import parse_time, rfc3339, to_builtins
from common.api.plan import POWER_PLANS, PlanSpec, PlanStatus, PowerPlan
from common.api.policy import POLICIES, PolicyStatus, PowerCappingPolicy
from common.api.resource import Resource, T
from common.kube.apply import apply_if_changed
from common.kube.client import Client
from recommender.logic.change import is_material
from recommender.logic.domains import DomainReport
from recommender.output.bodies import (
    FIELD_MANAGER,
    Body,
    domain_body,
    plan_body,
    plan_status_body,
    policy_body,
)


class Writer:
    """Server-side apply under the recommender's manager.

    Args:
        client: The API server.
        refresh_seconds: A status that has hardly changed is written this often.
        dry_run: Print what would be written, and write nothing.
    """

    def __init__(self, client: Client, refresh_seconds: float, *, dry_run: bool) -> None:
        self._client = client
        self._refresh_seconds = refresh_seconds
        self._dry_run = dry_run

    async def write_policy(self, policy: PowerCappingPolicy, status: PolicyStatus, now: datetime) -> bool:
        """Writes a policy's status where it says something new; whether it did."""
        live = policy.status
        if not self._is_due(live.last_updated, now) and not is_material(
            to_builtins(live), to_builtins(status)
        ):
            return False
        return await self._apply(POLICIES, policy, policy_body(policy, status))

    async def write_domain(self, domain: PowerDomain, report: DomainReport, now: datetime) -> bool:
        """Writes the recommender's part of a domain's status where it says something new; whether it did.

        Every agent of the domain watches it, so nothing is written for its own sake.
        """
        body = domain_body(domain, report)
        live, status = domain.status, body["status"]
        kinds = {condition["type"] for condition in status["conditions"]}
        before = {
            "observed": to_builtins(live.observed) if live.observed else None,
            "conditions": [to_builtins(one) for one in live.conditions if one.type in kinds],
        }
        last = live.observed.last_updated if live.observed else ""
        if not self._is_due(last, now) and not is_material(before, status):
            return False
        return await self._apply(POWER_DOMAINS, domain, body)

    async def write_plan(
        self,
        live: PowerPlan | None,
        plan: tuple[str, PlanSpec, PlanStatus],
        domain: PowerDomain,
        now: datetime,
    ) -> bool:
        """Makes a plan where there is none, and writes its status if any share of it changed; whether it did.

        Draws and reasons move all the time: they are written along with a share, or when a refresh is due.
        """
        name, spec, status = plan
        if live is not None and not self._is_news(live.status, status, now):
            return False
        if live is None:
            await self._apply(POWER_PLANS, None, plan_body(name, spec, domain))
        stamped = msgspec.structs.replace(status, last_updated=rfc3339(now))
        return await self._apply(POWER_PLANS, live, plan_status_body(name, stamped))

    def _is_news(self, before: PlanStatus, status: PlanStatus, now: datetime) -> bool:
        if _shares(before) != _shares(status):
            return True
        return self._is_due(before.last_updated, now) and is_material(
            to_builtins(before), to_builtins(status)
        )

    def _is_due(self, last_updated: str, now: datetime) -> bool:
        last = parse_time(last_updated)
        return last is None or (now - last).total_seconds() >= self._refresh_seconds

    async def _apply(self, resource: Resource[T], live: T | None, body: Body) -> bool:
        if self._dry_run:
            sys.stdout.write(msgspec.json.format(msgspec.json.encode(body)).decode() + "\n")
            return False
        subresource = "status" if "status" in body else ""
        applied = await apply_if_changed(
            self._client, resource, live, body, field_manager=FIELD_MANAGER, subresource=subresource
        )
        return applied is not None


def _shares(status: PlanStatus) -> tuple[Any, ...]:
    entries = tuple((entry.kind, entry.name, entry.watts) for entry in status.entries)
    return (status.cap_watts, status.algorithm, entries)
