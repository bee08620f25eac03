"""Two policies that want the same count: one bounds it, the other is told whose it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from actuator.scaling.decide import HELD_BY_OTHER
from actuator.scaling.memory import Note
from actuator.scaling.notes import Notes
from actuator.scaling.survey import Refusal, Survey
from common.api.core import ObjectReference
from common.api.policy import PowerCappingPolicy


def rivals_refused(
    policies: Sequence[PowerCappingPolicy], surveys: Mapping[str, Survey], notes: Notes
) -> None:
    """Leaves each owner to one policy: the one that holds it, else the oldest that wants it.

    The others' surveys lose the service, and get a refusal that names the one.
    """
    age = {one.key: (one.metadata.creation_timestamp, one.key) for one in policies}
    wanting: dict[ObjectReference, list[str]] = {}
    for key, survey in surveys.items():
        for service in survey.services:
            wanting.setdefault(service.owner, []).append(key)
    for owner, keys in wanting.items():
        holders = _holders(owner, notes)
        chosen = next(iter(sorted(holders)), None) or min(keys, key=lambda key: age[key])
        for key in keys:
            if key != chosen:
                _refuse(surveys[key], owner, chosen)


def _holders(owner: ObjectReference, notes: Notes) -> set[str]:
    """Returns the policy that holds a part of an owner, as a set of at most one."""
    fields = notes.get(replace(owner, field_path=""), Note()).fields
    prefill = bool(owner.field_path)
    return {held.policy for pointer, held in fields.items() if ("/prefill/" in pointer) == prefill}


def _refuse(survey: Survey, owner: ObjectReference, chosen: str) -> None:
    survey.services[:] = [service for service in survey.services if service.owner != owner]
    text = f"policy {chosen} bounds its count; only one policy may"
    survey.refusals.append(Refusal(f"{owner.kind}/{owner.name}", HELD_BY_OTHER, text))
