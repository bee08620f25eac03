"""Policies as keepers of promises: their finalizer, and notes on owners that may not bear an annotation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from actuator.scaling.fields import Value, read_field
from actuator.scaling.memory import Held, Note, read_notes, write_notes
from common.api.core import ObjectReference
from common.api.names import ANNOTATION_CEILINGS, FINALIZER_RELEASE
from common.api.policy import POLICIES, PowerCappingPolicy
from common.kube.client import Client
from common.kube.errors import NotFound


@dataclass
class Holder:
    """A policy that keeps the note on one owner; `policy` is renewed with every write."""

    policy: PowerCappingPolicy
    key: str
    note: Note


def note_key(reference: ObjectReference) -> str:
    """Returns under which key a policy keeps the note on an owner of its namespace."""
    return f"{reference.api_version}/{reference.kind}/{reference.name}"


def note_target(key: str, namespace: str) -> ObjectReference:
    """Returns the owner that a key of a policy's notes stands for."""
    *version, kind, name = key.split("/")
    return ObjectReference(api_version="/".join(version), kind=kind, name=name, namespace=namespace)


def notes_on(policy: PowerCappingPolicy) -> dict[str, Note]:
    """Returns the notes that a policy bears, by `note_key`.

    Raises:
        UnreadableNoteError: It bears something else than what we write.
    """
    title = f"{POLICIES.kind}/{policy.name}"
    return read_notes(policy.metadata.annotations.get(ANNOTATION_CEILINGS), title)


class PolicyStore:
    """Counts the requests that it makes."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.requests = 0

    async def hold(self, policy: tuple[str, str]) -> None:
        """Makes sure that the policy cannot go before its ceilings were taken back.

        Raises:
            KubeError: The policy is gone, or could not be written.
        """
        self.requests += 1
        found = await self._client.get(POLICIES, policy[1], policy[0])
        if FINALIZER_RELEASE not in found.metadata.finalizers:
            await self._patch(found, {"finalizers": [*found.metadata.finalizers, FINALIZER_RELEASE]})

    async def exists(self, policy: tuple[str, str]) -> bool:
        """Whether there is such a policy, by a consistent read.

        Raises:
            KubeError: It could not be asked for.
        """
        self.requests += 1
        try:
            await self._client.get(POLICIES, policy[1], policy[0])
        except NotFound:
            return False
        return True

    async def holder(self, target: ObjectReference, policy: tuple[str, str]) -> Holder | None:
        """Returns the policy that holds the target, else the named one; None where neither is there.

        Raises:
            KubeError: The policies could not be listed.
            UnreadableNoteError: One of them, which may hold it, does not tell what it holds.
        """
        self.requests += 1
        key, own = note_key(target), None
        for item in (await self._client.list(POLICIES, target.namespace)).items:
            note = notes_on(item).get(key, Note())
            if note.fields:
                return Holder(item, key, note)
            if item.name == policy[1] and item.namespace == policy[0]:
                own = Holder(item, key, note)
        return own

    async def remember(
        self, holder: Holder, note: Note, body: Mapping[str, Any], values: Mapping[str, Value]
    ) -> None:
        """Writes down what is about to be set in another object, so that a crash in between loses nothing.

        Raises:
            KubeError: It was refused, or its fate is not known.
        """
        fields = {
            pointer: _held(holder, note, pointer, value, read_field(body, pointer))
            for pointer, value in values.items()
        }
        await self._keep(holder, Note({**holder.note.fields, **note.fields, **fields}, note.yielded))

    async def confirm(self, holder: Holder, note: Note) -> None:
        """Writes down what holds from now on.

        Raises:
            KubeError: It was refused, or its fate is not known.
        """
        await self._keep(holder, note)

    async def dismiss(self, policy: PowerCappingPolicy) -> None:
        """Lets go of a policy whose ceilings were all taken back.

        Raises:
            KubeError: It was refused, or its fate is not known.
        """
        kept = [one for one in policy.metadata.finalizers if one != FINALIZER_RELEASE]
        await self._patch(policy, {"finalizers": kept})

    async def forget(self, policy: tuple[str, str]) -> None:
        """Lets go of a policy, with whatever it still remembers.

        Raises:
            KubeError: It was refused, or its fate is not known.
        """
        self.requests += 1
        found = await self._client.get(POLICIES, policy[1], policy[0])
        kept = [one for one in found.metadata.finalizers if one != FINALIZER_RELEASE]
        await self._patch(found, {"finalizers": kept, "annotations": {ANNOTATION_CEILINGS: None}})

    async def _keep(self, holder: Holder, note: Note) -> None:
        notes = {**notes_on(holder.policy), holder.key: note}
        metadata: dict[str, Any] = {"annotations": {ANNOTATION_CEILINGS: write_notes(notes)}}
        finalizers = holder.policy.metadata.finalizers
        if note and FINALIZER_RELEASE not in finalizers and not holder.policy.metadata.deletion_timestamp:
            metadata["finalizers"] = [*finalizers, FINALIZER_RELEASE]
        holder.policy = await self._patch(holder.policy, metadata)

    async def _patch(self, policy: PowerCappingPolicy, metadata: dict[str, Any]) -> PowerCappingPolicy:
        self.requests += 1
        here = policy.metadata
        body = {"metadata": {**metadata, "uid": here.uid, "resourceVersion": here.resource_version}}
        return await self._client.patch(POLICIES, here.name, body, here.namespace)


def _held(holder: Holder, note: Note, pointer: str, value: Value, present: Value) -> Held:
    """Returns the entry that is true of both the value before the write and the one after it."""
    entry = note.fields.get(pointer) or holder.note.fields[pointer]
    return replace(entry, ours=value, before=[present])
