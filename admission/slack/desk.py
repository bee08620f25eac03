"""Does what people ask for: checks their right, acts within bounds, says what came of it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from admission.slack.approval import Bounds, NotApprovable, plan_approval
from admission.slack.ask import Ask
from admission.slack.audit import DENIED, DONE, FAILED, REFUSED, SHOWN, Audit
from admission.slack.command import HELP, HELP_TEXT, UNCLEAR, Command
from admission.slack.offer import offer
from admission.slack.people import APPROVE, READ, SNOOZE, AllowList
from admission.slack.reply import Reply
from admission.slack.telling import explanation, status_of, status_of_all
from admission.slack.world import World
from admission.slack.writer import Writer
from common.alerts.notice import CRITICAL, SEVERITIES
from common.alerts.slack_text import cut, escape, moment
from common.alerts.snooze import EVERY_ALERT, Snooze, snooze_key
from common.api.core import ObjectReference
from common.api.meta import rfc3339
from common.api.policy import POLICIES, PowerCappingPolicy
from common.clock import Clock
from common.kube.errors import KubeError, NotFound

log = logging.getLogger(__name__)

_RIGHTS: Final = {
    "status": READ,
    "explain": READ,
    "snooze": SNOOZE,
    "approve": APPROVE,
    "confirm": APPROVE,
    "revoke": APPROVE,
}

_FREE: Final = {HELP: Reply(HELP_TEXT), "cancel": Reply("Nothing was changed.", replaces=True)}
"""Answers that need no right."""


@dataclass(frozen=True)
class Limits:
    """How far approvals and snoozes go."""

    approvals: Bounds
    snooze_minutes: int
    snooze_minutes_most: int


class Refused(Exception):  # noqa: N818 - an outcome
    """Nothing was done, for a reason that who asked can understand."""


class Desk:
    """Answers one ask after the other; whatever goes wrong, there is an answer, and nothing half done."""

    def __init__(
        self, people: AllowList, world: World, writer: Writer, audit: Audit, limits: Limits, clock: Clock
    ) -> None:
        self._people = people
        self._world = world
        self._writer = writer
        self._audit = audit
        self._limits = limits
        self._clock = clock
        self._verbs: dict[str, Callable[[Ask], Awaitable[Reply]]] = {
            "status": self._status,
            "explain": self._explain,
            "snooze": self._snooze,
            "approve": self._approve,
            "confirm": self._confirm,
            "revoke": self._revoke,
        }

    async def answer(self, ask: Ask) -> Reply:
        """Returns the answer; never raises."""
        command = ask.command
        if command.verb in _FREE:
            return _FREE[command.verb]
        if command.verb == UNCLEAR:
            return Reply(f"Not understood: {escape(command.problem)}.\n{HELP_TEXT}")
        try:
            return await self._permitted(ask)
        except (Refused, NotApprovable) as error:
            self._audit.note(ask, REFUSED, str(error))
            return Reply(f"Nothing was changed: {escape(command.about)}: {escape(str(error))}")
        except KubeError as error:
            self._audit.note(ask, FAILED, str(error))
            return Reply(f"The API server did not do it: {escape(cut(str(error)))}")
        except Exception:
            log.exception("an ask of Slack failed", extra={"action": command.verb})
            self._audit.note(ask, FAILED, "internal error")
            return Reply(
                "This failed inside of climatik; its log says why. See /climatik status for what holds."
            )

    async def _permitted(self, ask: Ask) -> Reply:
        right = _RIGHTS[ask.command.verb]
        if not await self._people.allows(ask.user, right):
            self._audit.note(
                ask, DENIED, f"{ask.command.verb} denied: not in --may-{right}", self._refer(ask.command)
            )
            return Reply(f"You may not do this: {escape(ask.user)} is not among those of --may-{right}.")
        return await self._verbs[ask.command.verb](ask)

    async def _status(self, ask: Ask) -> Reply:
        if ask.command.name:
            text = status_of(self._policy(ask.command))
        else:
            text = status_of_all(self._world.policies.items(), self._world.domains.items())
        self._audit.note(ask, SHOWN, "status")
        return Reply(text)

    async def _explain(self, ask: Ask) -> Reply:
        command = ask.command
        item = self._world.find(command.kind, command.name, command.namespace)
        if item is None:
            raise Refused("it is not there, or nothing more is known of it than the alert says.")
        text = explanation(item, await self._writer.decisions())
        self._audit.note(ask, SHOWN, "explanation")
        return Reply(text)

    async def _snooze(self, ask: Ask) -> Reply:
        command, limits = ask.command, self._limits
        minutes = command.minutes or limits.snooze_minutes
        if minutes > limits.snooze_minutes_most:
            raise Refused(f"{minutes} minutes are too long: {limits.snooze_minutes_most} at most.")
        if not command.alert and self._refer(command) is None:
            raise Refused("it is not there.")
        now = self._clock.now()
        alert = command.alert or EVERY_ALERT
        until = rfc3339(now + timedelta(minutes=minutes))
        severity = command.severity if command.severity in SEVERITIES else CRITICAL
        subject = ObjectReference(kind=command.kind, name=command.name, namespace=command.namespace)
        entry = Snooze(until=until, severity=severity, alert=alert, where=command.about, by=ask.user)
        await self._writer.snooze(snooze_key(alert, subject), entry, now)
        what = f"{command.alert or 'all alerts'} about {command.about}"
        self._audit.note(ask, DONE, f"{what} snoozed until {until}", self._refer(command))
        return Reply(f"<@{escape(ask.user)}> snoozed {escape(what)} until {moment(until)}.", shared=True)

    async def _approve(self, ask: Ask) -> Reply:
        command = ask.command
        plan = plan_approval(await self._live(command), command.minutes, self._limits.approvals)
        await self._writer.try_out(plan, ask.user, self._clock.now())
        self._audit.note(ask, SHOWN, "; ".join(plan.lines()))
        return offer(plan)

    async def _confirm(self, ask: Ask) -> Reply:
        command, bounds = ask.command, self._limits.approvals
        shown = plan_approval(await self._live(command), command.minutes, bounds)
        await self._writer.approve(command.plan, shown, bounds, ask.user, self._clock.now())
        changes = "; ".join(shown.lines())
        self._audit.note(ask, DONE, f"{changes}, for {shown.minutes} minutes", self._refer(command))
        return Reply(
            f"<@{escape(ask.user)}> approved {escape(command.about)} for {shown.minutes} minutes:"
            f" {escape(changes)}. `/climatik revoke {command.namespace}/{command.name}` ends it.",
            shared=True,
        )

    async def _revoke(self, ask: Ask) -> Reply:
        command = ask.command
        if await self._writer.end(command.name, command.namespace) is None:
            raise Refused("it bears no approval.")
        self._audit.note(ask, DONE, "approval revoked", self._refer(command))
        return Reply(f"<@{escape(ask.user)}> revoked the approval of {escape(command.about)}.", shared=True)

    async def _live(self, command: Command) -> PowerCappingPolicy:
        if command.kind != POLICIES.kind:
            raise Refused("only policies can be approved; a domain's mode is set in the domain itself.")
        try:
            return await self._writer.policy(command.name, command.namespace)
        except NotFound:
            raise Refused("there is no such policy.") from None

    def _policy(self, command: Command) -> PowerCappingPolicy:
        found = self._world.find(POLICIES.kind, command.name, command.namespace)
        if not isinstance(found, PowerCappingPolicy):
            raise Refused("there is no such policy.")
        return found

    def _refer(self, command: Command) -> ObjectReference | None:
        return self._world.refer(command.kind, command.name, command.namespace)
