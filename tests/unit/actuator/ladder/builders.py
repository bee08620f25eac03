"""Subjects and options for the tests of the ladder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from actuator.ladder.action import Action, Rung
from actuator.ladder.counts import Counts
from actuator.ladder.scene import Level, Option, Subject
from common.api.core import ObjectReference

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def option(
    name: str,
    watts: int,
    *,
    priority: int = 0,
    disruptions: int = 1,
    claims: Sequence[str] = ("rate/cluster",),
    rung: Rung = Rung.EVICT,
) -> Option:
    target = ObjectReference(kind="Pod", namespace="llm", name=name, uid=name)
    action = Action(f"{rung.name}/{name}", rung, ("llm", "cap"), target, watts, disruptions, "over the cap")
    return Option(action, (priority, 0), tuple(claims))


def subject(
    draw: int, cap: int, options: Sequence[Option] = (), *, name: str = "policy/llm/cap", in_flight: int = 0,
    self_acting: frozenset[Rung] = frozenset(),
) -> Subject:  # fmt: skip
    by_rung: dict[Rung, list[Option]] = {}
    for one in options:
        by_rung.setdefault(one.action.rung, []).append(one)
    return Subject(Level(name, draw, cap, draw), by_rung, (), self_acting, in_flight)


def counts(limits: Mapping[str, int] | None = None, default: int = 1_000) -> Counts:
    return Counts(lambda claim: (limits or {}).get(claim, default))
