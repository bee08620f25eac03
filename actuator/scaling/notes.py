"""Every note that there is: on the owners themselves, and on policies for owners that may not bear one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from actuator.scaling.handles.llm_inference_service import PREFILL
from actuator.scaling.handles.registry import canonical
from actuator.scaling.memory import Note, UnreadableNoteError, read_note, read_notes
from actuator.scaling.policy_store import note_target
from actuator.scaling.sources import ScalingSources
from common.api.core import ObjectReference
from common.api.names import ANNOTATION_CEILING, ANNOTATION_CEILINGS
from common.api.policy import PowerCappingPolicy

Notes = Mapping[ObjectReference, Note]
"""By canonical reference; an unreadable note is an empty one."""


def all_notes(sources: ScalingSources, policies: Iterable[PowerCappingPolicy]) -> dict[ObjectReference, Note]:
    """Returns the notes on objects in the local copies, and those on policies."""
    found = {}
    for reference, item in sources.held():
        text = item.metadata.annotations[ANNOTATION_CEILING]
        found[canonical(reference)] = _readable(text, f"{reference.kind}/{reference.name}")
    for policy in policies:
        for key, note in notes_of(policy).items():
            target = note_target(key, policy.namespace)
            if note.fields or target not in found:
                found[target] = note
    return found


def notes_of(policy: PowerCappingPolicy) -> Mapping[str, Note]:
    """Returns the notes that a policy bears; none where they cannot be read."""
    try:
        return read_notes(policy.metadata.annotations.get(ANNOTATION_CEILINGS))
    except UnreadableNoteError:
        return {}


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


def _readable(text: str, of: str) -> Note:
    try:
        return read_note(text, of)
    except UnreadableNoteError:
        return Note()
