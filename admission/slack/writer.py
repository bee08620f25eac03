"""What the app writes: approvals on policies, entries of the ConfigMap of snoozes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from admission.slack.approval import Bounds, NotApprovable, Plan, approving_body, ending_body, plan_approval
from common.alerts.snooze import SNOOZES_NAME, Snooze, snooze_patch
from common.api.approval import approval_of
from common.api.decisions import RECORD_NAME as DECISIONS
from common.api.decisions import RECORDS, Record, decode_record
from common.api.names import ANNOTATION_APPROVAL, MANAGER_SLACK
from common.api.policy import POLICIES, PowerCappingPolicy
from common.kube.client import Client
from common.kube.errors import Conflict, Invalid, NotFound

_ATTEMPTS: Final = 4
_APPLY: Final = "application/apply-patch+yaml"


class Writer:
    """Writes as the app's own field manager, each time on condition of what was read just before."""

    def __init__(self, client: Client, namespace: str) -> None:
        self._client = client
        self._namespace = namespace

    async def policy(self, name: str, namespace: str) -> PowerCappingPolicy:
        """Reads a policy consistently.

        Raises:
            KubeError: It is not there, or could not be read.
        """
        return await self._client.get(POLICIES, name, namespace)

    async def try_out(self, plan: Plan, by: str, now: datetime) -> None:
        """Has the API server check an approval without storing it.

        Raises:
            KubeError: What it objects to.
        """
        await self._apply(approving_body(plan, plan.policy, by, now), dry_run=True)

    async def approve(self, digest: str, shown: Plan, bounds: Bounds, by: str, now: datetime) -> None:
        """Writes an approval if it is still the one that was shown.

        Args:
            digest: Of the plan that was confirmed.
            shown: The plan as it would be made now.
            bounds: How far it may go.
            by: Who confirmed it.
            now: The present.

        Raises:
            NotApprovable: The policy has changed, or may not be approved any more.
            KubeError: The API server refused, or could not be reached.
        """
        plan = shown
        for attempt in range(1, _ATTEMPTS + 1):
            if plan.digest != digest:
                raise NotApprovable(
                    "it has changed since this was shown. Ask again to see what would change now."
                )
            try:
                await self._apply(approving_body(plan, plan.policy, by, now))
            except Conflict:  # its status was written meanwhile
                if attempt == _ATTEMPTS:
                    raise
                live = await self.policy(plan.policy.name, plan.policy.namespace)
                plan = plan_approval(live, plan.minutes, bounds)
            else:
                return

    async def end(self, name: str, namespace: str) -> PowerCappingPolicy | None:
        """Takes an approval back; None where the policy bears none (any more).

        Raises:
            KubeError: The API server refused, or could not be reached.
        """
        for _ in range(_ATTEMPTS - 1):
            live = await self.policy(name, namespace)
            if approval_of(live) is None:
                return None
            try:
                return await self._end(live)
            except Conflict:  # its status was written meanwhile
                continue
        return await self._end(await self.policy(name, namespace))

    async def _end(self, live: PowerCappingPolicy) -> PowerCappingPolicy:
        try:
            after = await self._apply(ending_body(live))
        except Invalid:  # somebody else holds mode Auto now, which is not valid without our levers
            before = approval_of(live)
            mode = before.mode_before if before and before.mode_before != "Auto" else "Off"
            after = await self._apply(ending_body(live, mode=mode))
        if ANNOTATION_APPROVAL not in after.metadata.annotations:
            return after
        # Somebody else wrote this annotation, too: it would be found again and again.
        meta = after.metadata
        patch = {
            "metadata": {"annotations": {ANNOTATION_APPROVAL: None}, "resourceVersion": meta.resource_version}
        }
        return await self._client.patch(POLICIES, meta.name, patch, meta.namespace)

    async def snooze(self, key: str, snooze: Snooze, now: datetime) -> None:
        """Adds an entry to the ConfigMap of snoozes.

        Raises:
            KubeError: It is missing, or could not be written.
        """
        data = (await self._client.get(RECORDS, SNOOZES_NAME, self._namespace)).data
        await self._client.patch(RECORDS, SNOOZES_NAME, snooze_patch(data, key, snooze, now), self._namespace)

    async def decisions(self) -> Record:
        """Reads the actuator's record; an empty one where there is none that can be read.

        Raises:
            KubeError: The API server refused, or could not be reached.
        """
        try:
            return decode_record(await self._client.get(RECORDS, DECISIONS, self._namespace))
        except (NotFound, msgspec.DecodeError):
            return Record()

    async def _apply(self, body: dict[str, Any], *, dry_run: bool = False) -> PowerCappingPolicy:
        meta = body["metadata"]
        query = {"fieldManager": MANAGER_SLACK, "force": "true", **({"dryRun": "All"} if dry_run else {})}
        content = {"apiVersion": POLICIES.api_version, "kind": POLICIES.kind, **body}
        answer = await self._client.request(
            "PATCH",
            POLICIES.path(meta["namespace"], meta["name"]),
            query=query,
            body=msgspec.json.encode(content),
            content_type=_APPLY,
        )
        return msgspec.json.decode(answer, type=PowerCappingPolicy)
