"""What is to be written to the owner of a count, from what it holds and what is remembered. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from actuator.scaling.fields import Value, plain_name, read_field
from actuator.scaling.handles.handle import Fields, Handle
from actuator.scaling.memory import Held, Note, Yielded

WRITTEN = "CeilingWritten"
RESTORED = "OriginalRestored"
UNCHANGED = "AsWanted"
CHANGED_BY_OTHER = "ChangedByOther"
HELD_BY_OTHER = "HeldByOtherPolicy"
NO_COUNT = "NoCount"


@dataclass(frozen=True)
class Ask:
    """A ceiling that a policy asks for; None gives back what that policy holds.

    An empty `policy` gives back what any policy holds.
    """

    policy: str
    ceiling: int | None
    now: str


@dataclass(frozen=True)
class Decision:
    """Fields to write (empty for none), what to remember from then on, and the reason in a word and a text.

    `done` is False where the ask is refused; there may be something to write all the same.
    """

    done: bool
    reason: str
    message: str
    values: dict[str, Value] = field(default_factory=dict)
    note: Note = field(default_factory=Note)


def decide(handle: Handle, body: Mapping[str, Any], part: str, note: Note, ask: Ask) -> Decision:
    """Decides on one ask.

    Args:
        handle: How the kind is bounded.
        body: The object in plain JSON types.
        part: Which part of it.
        note: What is remembered of it.
        ask: What is wanted.
    """
    pointers = handle.pointers(body, part)
    apart = _known(handle, body) - set(pointers)  # fields of other parts; what is in none at all is gone
    mine = {pointer: held for pointer, held in note.fields.items() if pointer not in apart}
    present = {pointer: read_field(body, pointer) for pointer in mine}
    if changed := [pointer for pointer, held in mine.items() if held.foreign(present[pointer])]:
        return _yield(note, mine, present, (part, changed[0]), ask)
    others = sorted({held.policy for held in mine.values() if ask.policy not in ("", held.policy)})
    if others:
        return Decision(False, HELD_BY_OTHER, f"policy {others[0]} holds it", note=note)
    if ask.ceiling is None:
        return _restore(note, mine, present, part, ask)
    if part in note.yielded:
        mark = note.yielded[part]
        text = f"somebody else changed {mark.field} at {mark.since}: their value stays"
        return Decision(False, CHANGED_BY_OTHER, text, note=note)
    if not pointers:
        return Decision(False, NO_COUNT, f"it has no count at {part or 'spec'}", note=note)
    return _bound(handle, body, part, note, ask)


def ceiling_in_force(handle: Handle, body: Mapping[str, Any], part: str) -> int:
    """Returns the most replicas that the object lets there be as it is now."""
    return handle.most(body, part, {p: read_field(body, p) for p in handle.pointers(body, part)})


def original_ceiling(handle: Handle, body: Mapping[str, Any], part: str, note: Note) -> int:
    """Returns the most replicas that there could be without us."""
    return handle.most(body, part, _originals(handle, body, part, note))


def _known(handle: Handle, body: Mapping[str, Any]) -> set[str]:
    """Returns the fields of all parts; one that is held, but none of these, is a field that is gone."""
    return {pointer for part in handle.parts(body) for pointer in handle.pointers(body, part)}


def _originals(handle: Handle, body: Mapping[str, Any], part: str, note: Note) -> Fields:
    held = note.fields
    return {
        pointer: held[pointer].original if pointer in held else read_field(body, pointer)
        for pointer in handle.pointers(body, part)
    }


def _bound(handle: Handle, body: Mapping[str, Any], part: str, note: Note, ask: Ask) -> Decision:
    original = _originals(handle, body, part, note)
    ceiling = ask.ceiling if ask.ceiling is not None else handle.most(body, part, original)
    wanted = handle.bounded(body, part, original, ceiling)
    fields = {pointer: held for pointer, held in note.fields.items() if pointer not in original}
    for pointer, value in wanted.items():
        if value != original[pointer]:
            since = note.fields[pointer].since if pointer in note.fields else ask.now
            fields[pointer] = Held(original[pointer], value, ask.policy, since)
    values = {pointer: value for pointer, value in wanted.items() if value != read_field(body, pointer)}
    after = Note(fields, note.yielded)
    most = handle.most(body, part, wanted)
    if not values and after == note:
        return Decision(True, UNCHANGED, f"at most {most} replicas already", note=note)
    text = ", ".join(_change(p, read_field(body, p), original[p], v) for p, v in values.items())
    reason = WRITTEN if fields else RESTORED
    return Decision(True, reason, text or f"at most {most} replicas", values, after)


def _change(pointer: str, present: Value, original: Value, value: Value) -> str:
    if value == original:
        return f"{plain_name(pointer)} back to {_said(value)}"
    origin = "" if present == original else f" (originally {_said(original)})"
    return f"{plain_name(pointer)} from {_said(present)} to {_said(value)}{origin}"


def _restore(note: Note, mine: Mapping[str, Held], present: Fields, part: str, ask: Ask) -> Decision:
    values = {pointer: held.original for pointer, held in mine.items() if present[pointer] != held.original}
    fields = {pointer: held for pointer, held in note.fields.items() if pointer not in mine}
    mark = note.yielded.get(part)
    over = mark is not None and ask.policy in ("", mark.policy)
    yielded = {path: one for path, one in note.yielded.items() if path != part or not over}
    after = Note(fields, yielded)
    if after == note:
        return Decision(True, UNCHANGED, "nothing of ours is there", note=note)
    text = ", ".join(f"{plain_name(p)} back to {_said(value)}" for p, value in values.items())
    return Decision(True, RESTORED, text or "the original stands already", values, after)


def _yield(
    note: Note, mine: Mapping[str, Held], present: Fields, place: tuple[str, str], ask: Ask
) -> Decision:
    """Leaves what others changed to them, gives the rest of the part back, and keeps the hands off it."""
    part, changed = place
    values = {
        pointer: held.original
        for pointer, held in mine.items()
        if not held.foreign(present[pointer]) and present[pointer] != held.original
    }
    held = mine[changed]
    text = (
        f"{plain_name(changed)} is {_said(present[changed])}, where {_said(held.ours)} was written for policy"
        f" {held.policy}: the change of somebody else stays"
    )
    fields = {pointer: one for pointer, one in note.fields.items() if pointer not in mine}
    yielded = {path: one for path, one in note.yielded.items() if path != part}
    if ask.ceiling is not None:
        yielded[part] = Yielded(held.policy, ask.now, plain_name(changed))
    return Decision(False, CHANGED_BY_OTHER, text, values, Note(fields, yielded))


def _said(value: Value) -> str:
    return "unset" if value is None else str(value)
