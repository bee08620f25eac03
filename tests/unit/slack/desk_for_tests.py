"""A desk with everything around it in memory, for the tests of the Slack app."""

import asyncio
from datetime import UTC, datetime

import msgspec
from prometheus_client import CollectorRegistry

from admission.slack.approval import Bounds
from admission.slack.ask import Ask
from admission.slack.command import parse_command
from admission.slack.desk import Desk, Limits
from admission.slack.metrics import SlackMetrics
from admission.slack.people import APPROVE, READ, SNOOZE, AllowList
from common.api.core import ObjectReference
from common.api.decisions import Record
from common.api.meta import ObjectMeta
from common.api.policy import PolicySpec, PowerCappingPolicy, UpdatePolicy
from tests.fakes.clock import FakeClock

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOUNDS = Bounds(("Frequency", "PowerLimit"), 60, 480)
BOSS, READER, STRANGER = "UBOSS", "UREADER", "USTRANGER"


def policy(mode="Off", levers=(), annotations=None, **meta):
    return PowerCappingPolicy(
        metadata=ObjectMeta(
            name="chat", namespace="llm", uid="u-1", resource_version="7", generation=3,
            annotations=annotations or {}, **meta,
        ),
        spec=PolicySpec(
            power_cap_limit=1000, update_policy=UpdatePolicy(update_mode=mode, levers=list(levers))
        ),
    )  # fmt: skip


class MemoryWriter:
    """Keeps what would be written, and fails when told to."""

    def __init__(self, known):
        self.known = known
        self.writes = []
        self.tried = []
        self.error = None
        self.record = Record()
        self.hold = None

    async def policy(self, name, namespace):
        if self.hold is not None:
            await self.hold.wait()
        if self.error is not None:
            raise self.error
        return self.known

    async def try_out(self, plan, by, now):
        self.tried.append(plan)

    async def approve(self, digest, shown, bounds, by, now):
        from admission.slack.approval import NotApprovable

        if digest != shown.digest:
            raise NotApprovable("it has changed since this was shown.")
        self.writes.append(("approve", shown, by))

    async def end(self, name, namespace):
        self.writes.append(("end", name, namespace))
        return self.known

    async def snooze(self, key, snooze, now):
        self.writes.append(("snooze", key, snooze))

    async def decisions(self):
        return self.record


class _Cache:
    def __init__(self, *items):
        self._items = items

    def items(self):
        return list(self._items)


class MemoryWorld:
    """One policy."""

    def __init__(self, known):
        self.policies, self.domains = _Cache(known), _Cache()
        self._known = known

    def find(self, kind, name, namespace=""):
        same = (kind, name, namespace) == ("PowerCappingPolicy", self._known.name, self._known.namespace)
        return self._known if same else None

    def refer(self, kind, name, namespace=""):
        found = self.find(kind, name, namespace)
        return ObjectReference(kind=kind, name=name, namespace=namespace, uid="u-1") if found else None


class Trail:
    """Keeps what an audit is told."""

    def __init__(self):
        self.notes = []

    def note(self, ask, outcome, detail, subject=None):
        self.notes.append((ask.command.verb, outcome, ask.user, detail))


class Office:
    """A desk and what is around it."""

    def __init__(self, known=None):
        self.known = known or policy()
        self.writer = MemoryWriter(self.known)
        self.world = MemoryWorld(self.known)
        self.trail = Trail()
        self.clock = FakeClock(NOW)
        self.metrics = SlackMetrics(CollectorRegistry())
        people = AllowList({READ: [BOSS, READER], SNOOZE: [BOSS], APPROVE: [BOSS]}, nobody)
        limits = Limits(BOUNDS, 60, 1440)
        self.desk = Desk(people, self.world, self.writer, self.trail, limits, self.clock)

    async def say(self, text, user=BOSS):
        return await self.desk.answer(Ask(parse_command(text), user))

    def say_now(self, text, user=BOSS):
        return asyncio.run(self.say(text, user))


async def nobody(_group):
    return frozenset()


def changed(item, **update):
    """A policy with other fields of its updatePolicy."""
    return msgspec.structs.replace(
        item,
        spec=msgspec.structs.replace(
            item.spec, update_policy=msgspec.structs.replace(item.spec.update_policy, **update)
        ),
    )
