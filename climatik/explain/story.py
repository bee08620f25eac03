"""Picks from the record what concerns one object, and tells it: pure, so that tests can use it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from common.api.decisions import ABANDONED, FAILED, INTENDED, REFUSED, TAKEN, Decision, Record, Standing
from common.api.meta import parse_time, to_builtins

RUNGS = ("node limits and clocks", "replica ceilings", "migration", "eviction")
_RUNG_WORDS = {
    "DEVICES": "device limit",
    "CEILING": "replica ceiling",
    "MIGRATE": "migration",
    "EVICT": "eviction",
}
_VERDICT_WORDS = {
    INTENDED: "under way",
    TAKEN: "done",
    REFUSED: "not done",
    FAILED: "tried in vain",
    ABANDONED: "given up",
}


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
        since = utc(story.standing.since)
        lines.append(
            f"  On the ladder up to {rung} since {since}: over its cap, or not clear of it for long enough."
        )
    if not story.decisions:
        lines.append("  No decision about it is on record.")
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
    rung = _RUNG_WORDS.get(one.rung, one.rung.lower())
    yield f"{utc(one.at)}  {rung}: {_VERDICT_WORDS.get(one.verdict, one.verdict)} ({one.reason})"
    if one.target:
        yield _row("what", _target(one))
    if one.change:
        yield _row("change", one.change)
    yield _row("why", one.message)
    if one.cap_watts:
        yield _row("measured", _measured(one))
    if one.verdict in (INTENDED, TAKEN) and one.expected_watts:
        yield _row("effect", _effect(one))
    if one.alternatives:
        yield _row("instead", f"could have been {', '.join(one.alternatives)}")
    if one.count > 1:
        yield _row("again", f"{one.count} times in all, last at {utc(one.last)}")


def _row(name: str, text: str) -> str:
    return f"  {name:9} {text}"


def _target(one: Decision) -> str:
    kind, _, key = one.target.partition("/")
    return f"{kind} {key}" + (f" on node {one.node}" if one.node else "")


def _measured(one: Decision) -> str:
    kind, _, key = one.subject.partition("/")
    side = "over" if one.draw_watts > one.cap_watts else "within"
    return f"{kind} {key} drew {one.draw_watts:,} W, {side} its cap of {one.cap_watts:,} W"


def _effect(one: Decision) -> str:
    pods = f" by stopping {_pods(one.disruptions)}" if one.disruptions else ""
    expected = f"expected to free {one.expected_watts:,} W{pods}"
    if one.achieved_watts is None:
        return f"{expected}; what came of it is not measured yet"
    if one.achieved_watts < 0:
        return f"{expected}; achieved nothing: the draw rose by {-one.achieved_watts:,} W"
    return f"{expected}; achieved {one.achieved_watts:,} W"


def utc(stamp: str) -> str:
    """Returns a stamp of the API as people read it."""
    moment = parse_time(stamp)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC") if moment else stamp


def _pods(count: int) -> str:
    return "1 pod" if count == 1 else f"{count} pods"
