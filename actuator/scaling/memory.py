"""What a count was before we bounded it: one JSON annotation, from which any later leader gives it back."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from actuator.scaling.fields import Value
from common.api.names import ANNOTATION_CEILING, ANNOTATION_CEILINGS


class Held(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field that bears our value.

    `policy` is ``namespace/name``, `since` RFC 3339. Where the note is written apart from the field, `before`
    holds what may still stand there until the second write is known to have landed.
    """

    original: Value
    ours: Value
    policy: str
    since: str
    before: list[Value] = []

    def foreign(self, present: Value) -> bool:
        """Whether somebody else has changed the field."""
        return present != self.ours and present not in self.before


class Yielded(msgspec.Struct, frozen=True):
    """A person or a GitOps tool changed a field that we held: it is theirs until the shortage is over."""

    policy: str
    since: str
    field: str


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that is remembered of one object: fields by JSON Pointer, parts that are others' by field path.

    `of` is ``Kind/name``: controllers copy annotations (KEDA to the HPA that it makes, a Deployment to its
    ReplicaSets), and a copy says nothing about the object that bears it.
    """

    fields: dict[str, Held] = {}
    yielded: dict[str, Yielded] = {}
    of: str = ""

    def __bool__(self) -> bool:
        return bool(self.fields or self.yielded)

    def policies(self) -> set[str]:
        """Returns the policies that anything here is for."""
        return {held.policy for held in self.fields.values()} | {
            mark.policy for mark in self.yielded.values()
        }


_SLASHES = 2
"""In the key of a note on a policy: those around the kind; an API group has one more."""
_NOTE = msgspec.json.Decoder(Note)
_NOTES = msgspec.json.Decoder(dict[str, Note])


class UnreadableNoteError(ValueError):
    """A person changed the annotation into something that does not say what the original was.

    The message names the annotation, what is wrong with it, and the remedy.
    """

    def __init__(self, annotation: str, where: str, problem: str) -> None:
        text = f"annotation {annotation} of {where} does not tell the originals ({problem}): remove it"
        super().__init__(text)


def read_note(text: str | None, of: str) -> Note:
    """Reads the annotation of an object (``Kind/name``); a copy of another one's is no note.

    Raises:
        UnreadableNoteError: It holds something else than what we write.
    """
    try:
        note = _NOTE.decode(text) if text else Note()
    except msgspec.DecodeError as error:
        raise UnreadableNoteError(ANNOTATION_CEILING, of, str(error)) from error
    return note if note.of == of else Note()


def read_notes(text: str | None, of: str) -> dict[str, Note]:
    """Reads the annotation of a policy (``Kind/name``): one note for each object that may not bear its own.

    Raises:
        UnreadableNoteError: It holds something else than what we write.
    """
    try:
        notes = _NOTES.decode(text) if text else {}
    except msgspec.DecodeError as error:
        raise UnreadableNoteError(ANNOTATION_CEILINGS, of, str(error)) from error
    for key in notes:
        if key.count("/") < _SLASHES:
            problem = f"{key!r} is no apiVersion/Kind/name"
            raise UnreadableNoteError(ANNOTATION_CEILINGS, of, problem)
    return notes


def write_note(note: Note, of: str) -> str | None:
    """Returns the annotation of an object; None where there is nothing to remember."""
    return msgspec.json.encode(replace(note, of=of)).decode() if note else None


def write_notes(notes: Mapping[str, Note]) -> str | None:
    """Returns the annotation of a policy; None where there is nothing to remember."""
    kept = {key: note for key, note in sorted(notes.items()) if note}
    return msgspec.json.encode(kept).decode() if kept else None
