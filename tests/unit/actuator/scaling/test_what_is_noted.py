"""Which decisions about ceilings go into the record: what was done, and what is not done, told once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from actuator.audit.journal import Journal
from actuator.ladder.action import Outcome
from actuator.scaling.actions import restoration
from actuator.scaling.announce import Announcer, CeilingMetrics
from common.api.core import ObjectReference
from common.api.meta import ObjectMeta
from common.api.policy import PowerCappingPolicy
from common.kube.events import EventRecorder
from tests.fakes.clock import FakeClock

from .small_server import SmallServer

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
CHAT = ObjectReference(kind="Deployment", namespace="llm", name="chat")
POLICY = PowerCappingPolicy(metadata=ObjectMeta(name="cap", namespace="llm"))
NOTED = {
    "written": (True, "CeilingWritten", "Taken"),
    "given back": (True, "OriginalRestored", "Taken"),
    "as it is wanted": (True, "AsWanted", None),
    "refused for good": (False, "Forbidden", "Refused"),
    "a conflict, tried again at once": (False, "Conflict", None),
}


def outcome(taken: bool, reason: str) -> Outcome:
    return Outcome(restoration(("llm", "cap"), CHAT, "why"), taken, reason, "text")


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def announcer(journal: Journal) -> Announcer:
    events = EventRecorder(SmallServer().client(), "test", FakeClock())
    made = Announcer(CeilingMetrics(CollectorRegistry()), events, journal)
    made.begin(NOW)
    return made


@pytest.mark.parametrize("what", NOTED)
def test_a_ceiling_that_was(announcer: Announcer, journal: Journal, what: str) -> None:
    taken, reason, verdict = NOTED[what]
    announcer.taken(POLICY, outcome(taken, reason), CHAT)
    assert [one.verdict for one in journal.take()] == ([verdict] if verdict else [])


def test_what_lasts_is_noted_once(announcer: Announcer, journal: Journal) -> None:
    for _ in range(3):
        announcer.taken(POLICY, outcome(False, "Forbidden"), CHAT)
    assert [one.reason for one in journal.take()] == ["Forbidden"]


def test_what_was_given_back_for_a_policy_that_is_gone_bears_its_name(
    announcer: Announcer, journal: Journal
) -> None:
    announcer.taken(None, outcome(True, "OriginalRestored"), CHAT)
    (entry,) = journal.take()
    assert (entry.policy, entry.at) == ("llm/cap", "2026-01-01T12:00:00.000000Z")
