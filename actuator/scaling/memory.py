"""What a count was before we bounded it: kept as one JSON annotation, so that any later leader can give it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from actuator.scaling.fields import Value


class Held(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field that bears our value.

    `policy` is ``namespace/name``, `since` RFC 3339. `pending` marks a value that is remembered in one write and
    set in another: until that one is known to have landed, the original may still stand in the field.
    """

    original: Value
    ours: Value
    policy: str
    since: str
    pending: bool = False

    def foreign(self, present: Value) -> bool:
        """Whether somebody else has changed the field."""
        return present != self.ours and not (self.pending and present == self.original)


class Yielded(msgspec.Struct, frozen=True):
    """A person or a GitOps tool changed a field that we held: it is theirs until the shortage is over."""

    policy: str
    since: str
    field: str


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that is remembered of one object, by JSON Pointer of the field."""

    fields: dict[str, Held] = {}
    yielded: Yielded | None = None

    def __bool__(self) -> bool:
        return bool(self.fields) or self.yielded is not None


T = TypeVar("T")

_NOTE = msgspec.json.Decoder(Note)
_NOTES = msgspec.json.Decoder(dict[str, Note])


class UnreadableNoteError(ValueError):
    """A person changed the annotation into something that does not say what the original was."""


def read_note(text: str | None) -> Note:
    """Reads the annotation of an object.

    Raises:
        UnreadableNoteError: It holds something else than what we write.
    """
    return _decode(_NOTE, text) if text else Note()


def read_notes(text: str | None) -> dict[str, Note]:
    """Reads the annotation of a policy, which holds one note for each object that may not bear its own.

    Raises:
        UnreadableNoteError: It holds something else than what we write.
    """
    return _decode(_NOTES, text) if text else {}


def write_note(note: Note) -> str | None:
    """Returns the annotation of an object; None where there is nothing to remember."""
    return msgspec.json.encode(note).decode() if note else None


def write_notes(notes: Mapping[str, Note]) -> str | None:
    """Returns the annotation of a policy; None where there is nothing to remember."""
    kept = {key: note for key, note in sorted(notes.items()) if note}
    return msgspec.json.encode(kept).decode() if kept else None


def _decode(decoder: msgspec.json.Decoder[T], text: str) -> T:
    try:
        return decoder.decode(text)
    except msgspec.DecodeError as error:
        raise UnreadableNoteError(str(error)) from error
