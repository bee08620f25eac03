"""The lever of replica ceilings: one action becomes one conditional write at the owner of the count."""

from __future__ import annotations

from collections.abc import Callable

from actuator.ladder.action import Action, Outcome, Rung
from actuator.scaling.decide import Ask, Decision, decide
from actuator.scaling.handles.handle import Handle, Place
from actuator.scaling.handles.registry import known_handle
from actuator.scaling.memory import Note, UnreadableNoteError
from actuator.scaling.owner_store import OwnerStore
from actuator.scaling.policy_store import Holder, PolicyStore
from actuator.scaling.refusals import reason_of
from common.api.meta import rfc3339
from common.clock import Clock
from common.kube.api_resources import ApiResources
from common.kube.client import Client
from common.kube.errors import Conflict, NotFound, PermanentError

CONFLICT_RETRY_SECONDS = 1.0
_NOT_LEADING = Decision(False, "NotLeading", "this process does not lead any more")


class CeilingLever:
    """Bounds the count of an owner, or gives its original back.

    Every write is conditional on the uid and the version of the object that it was decided on.

    Args:
        client: Where to write.
        kinds: What the API server serves, for kinds without a handle of their own.
        clock: For the time of a note.
        may_write: Whether this process still leads; asked first, and right before each write to an owner.
    """

    rung = Rung.CEILING

    def __init__(
        self, client: Client, kinds: ApiResources, clock: Clock, may_write: Callable[[], bool] = lambda: True
    ) -> None:
        self._kinds = kinds
        self._clock = clock
        self._may_write = may_write
        self._owners = OwnerStore(client, kinds)
        self._policies = PolicyStore(client)

    async def take(self, action: Action) -> Outcome:
        """Takes one action; taking it twice changes nothing more.

        An action whose policy is ``("", "")`` and whose ceiling is None gives back what any policy holds.

        Raises:
            KubeError: The API server could not be asked, or did not answer.
        """
        before = self._requests()
        try:
            decision = await self._take(action)
        except (Conflict, PermanentError, UnreadableNoteError) as error:
            decision = Decision(False, *reason_of(error))
        retry = CONFLICT_RETRY_SECONDS if decision.reason == "Conflict" else 0.0
        return Outcome(
            action,
            taken=decision.done,
            reason=decision.reason,
            message=decision.message,
            requests=self._requests() - before,
            retry_after_seconds=retry,
            details={pointer: str(value) for pointer, value in decision.values.items()},
        )

    def _requests(self) -> int:
        return self._owners.requests + self._policies.requests

    async def _take(self, action: Action) -> Decision:
        handle = known_handle(action.target) or await self._owners.discover(action.target)
        if handle is None:
            text = f"{action.target.kind} has no /scale, or the server does not serve it"
            return Decision(False, "NotScalable", text)
        if not self._may_write():
            return _NOT_LEADING
        if handle.place is Place.POLICY:
            return await self._with_note_on_policy(handle, action)
        return await self._with_note_on_object(handle, action)

    async def _with_note_on_object(self, handle: Handle, action: Action) -> Decision:
        owner = await self._owners.read(handle, action.target)
        note = owner.note()
        decision = decide(handle, owner.body, action.target.field_path, note, self._ask(action))
        if decision.values or decision.note != note:
            if action.ceiling is not None:
                await self._policies.hold(action.policy)
            if not self._may_write():
                return _NOT_LEADING
            await self._owners.write(owner, decision.values, decision.note)
        return decision

    async def _with_note_on_policy(self, handle: Handle, action: Action) -> Decision:
        holder = await self._policies.holder(action.target, action.policy)
        if holder is None:
            return Decision(True, "AsWanted", "nothing of ours is there")
        try:
            owner = await self._owners.read(handle, action.target)
        except NotFound:
            return await self._forgotten(holder)
        ask = self._ask(action)
        decision = decide(handle, owner.body, action.target.field_path, holder.note, ask)
        if decision.values:
            await self._policies.remember(holder, decision.note, owner.body, decision.values)
            if not self._may_write():
                return _NOT_LEADING
            await self._owners.write(owner, decision.values)
        if decision.values or decision.note != holder.note:
            await self._policies.confirm(holder, decision.note)
        return decision

    async def _forgotten(self, holder: Holder) -> Decision:
        """Drops the note on an owner that was deleted: else it would hold the policy for ever."""
        if holder.note:
            await self._policies.confirm(holder, Note())
        return Decision(True, "Gone", "it was deleted, and what was remembered of it with it")

    def _ask(self, action: Action) -> Ask:
        policy = "/".join(action.policy) if all(action.policy) else ""
        return Ask(policy, action.ceiling, rfc3339(self._clock.now()))
