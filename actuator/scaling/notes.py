"""Every note that there is: on the owners themselves, and on policies for owners that may not bear one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from actuator.scaling.handles.llm_inference_service import PREFILL
from actuator.scaling.handles.registry import canonical
from actuator.scaling.memory import Note, UnreadableNoteError, read_note
from actuator.scaling.policy_store import note_target, notes_on
from actuator.scaling.sources import ScalingSources
from common.api.core import ObjectReference
from common.api.names import ANNOTATION_CEILING
from common.api.policy import POLICIES, PowerCappingPolicy
from common.api.reference import reference

Notes = Mapping[ObjectReference, Note]
"""By canonical reference; what cannot be read is not there."""


@dataclass
class Found:
    """All notes by what they are about, and what bears a note that cannot be read, with the reason."""

    notes: dict[ObjectReference, Note] = field(default_factory=dict)
    unreadable: dict[ObjectReference, str] = field(default_factory=dict)


def all_notes(sources: ScalingSources, policies: Iterable[PowerCappingPolicy]) -> Found:
    """Returns the notes on objects in the local copies, and those on policies."""
    found = Found()
    for bearer, item in sources.held():
        text = item.metadata.annotations[ANNOTATION_CEILING]
        try:
            found.notes[canonical(bearer)] = read_note(text, f"{bearer.kind}/{bearer.name}")
        except UnreadableNoteError as error:
            found.unreadable[bearer] = str(error)
    for policy in policies:
        try:
            found.notes |= _of_policy(policy, found.notes)
        except UnreadableNoteError as error:
            found.unreadable[reference(POLICIES, policy)] = str(error)
    return found


def _of_policy(policy: PowerCappingPolicy, known: Notes) -> dict[ObjectReference, Note]:
    """Returns the notes on a policy; one that only yields does not hide one that holds."""
    notes = {note_target(key, policy.namespace): note for key, note in notes_on(policy).items()}
    return {target: note for target, note in notes.items() if note.fields or target not in known}


def holdings(policy: str, notes: Notes) -> list[ObjectReference]:
    """Returns the owners that a policy (``namespace/name``) holds or has yielded, each part by itself."""
    found: dict[ObjectReference, None] = {}
    for owner, note in notes.items():
        parts = {
            PREFILL if "/prefill/" in p else "" for p, held in note.fields.items() if held.policy == policy
        }
        parts |= {part for part, mark in note.yielded.items() if mark.policy == policy}
        found.update({replace(owner, field_path=part): None for part in sorted(parts)})
    return list(found)
