"""Picks from the record what concerns one object, and tells it: pure, so that tests can use it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from common.api.decisions import REFUSED, Decision, Record, Standing
from common.api.meta import to_builtins

RUNGS = ("node limits and clocks", "replica ceilings", "migration", "eviction")


@dataclass(frozen=True)
class Story:
    """What is known of an object.

    Attributes:
        about: ``pod NAMESPACE/NAME``, ``policy NAMESPACE/NAME`` or ``node NAME``.
        facts: Sentences on how it is now.
        standing: Where it stands on the ladder; None for one that is not on it.
        decisions: What was decided about it, oldest first.
    """

    about: str
    facts: tuple[str, ...] = ()
    standing: Standing | None = None
    decisions: tuple[Decision, ...] = field(default_factory=tuple)


def tell(record: Record, kind: str, key: str, facts: Iterable[str]) -> Story:
    """Returns the story of an object.

    Args:
        record: The actuator's record.
        kind: ``pod``, ``policy`` or ``node``.
        key: ``namespace/name``, or ``name`` of a node.
        facts: What is known of it besides.
    """
    picked = tuple(one for one in record.decisions if _concerns(one, kind, key))
    return Story(f"{kind} {key}", tuple(facts), record.standings.get(f"{kind}/{key}"), picked)


def to_plain(story: Story) -> dict[str, Any]:
    """Returns the story as plain JSON types."""
    return {
        "about": story.about,
        "facts": list(story.facts),
        "standing": to_builtins(story.standing) if story.standing else None,
        "decisions": [to_builtins(one) for one in story.decisions],
    }


def to_text(story: Story) -> str:
    """Returns the story for people, newest decision last."""
    lines = [story.about, *(f"  {fact}" for fact in story.facts)]
    if story.standing is not None:
        rung = RUNGS[min(story.standing.rung, len(RUNGS) - 1)]
        lines.append(f"  over its cap, or not yet clear of it: up to {rung} since {story.standing.since}")
    if not story.decisions:
        lines.append("  no decision about it is on record")
    for one in story.decisions:
        lines += ["", *_decision(one)]
    return "\n".join(lines)


def _concerns(one: Decision, kind: str, key: str) -> bool:
    if kind == "pod":
        return one.target == f"Pod/{key}"
    if kind == "policy":
        return key == one.policy or one.subject == f"policy/{key}"
    return key == one.node or one.subject == f"node/{key}"


def _decision(one: Decision) -> Iterable[str]:
    times = f" ({one.count} times, last {one.last})" if one.count > 1 else ""
    yield f"{one.at}  {one.rung.lower()} {one.verdict.lower()}: {one.reason}{times}"
    if one.target:
        yield f"  what      {one.target}" + (f" on node {one.node}" if one.node else "")
    yield f"  why       {one.message}"
    yield f"  because   {one.subject} drew {one.draw_watts:,} W of {one.cap_watts:,} W"
    if one.verdict != REFUSED:
        achieved = "not measured yet" if one.achieved_watts is None else f"{one.achieved_watts:,} W"
        yield f"  relief    expected {one.expected_watts:,} W, achieved {achieved}"
    if one.alternatives:
        yield f"  instead   {', '.join(one.alternatives)}"
