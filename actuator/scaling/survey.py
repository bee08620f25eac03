"""What there is to decide on: the owners behind a policy's advice and notes, with pods, bounds and watts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from actuator.scaling.climb import Climber
from actuator.scaling.decide import ceiling_in_force, original_ceiling
from actuator.scaling.fields import read_field
from actuator.scaling.handles.handle import Handle
from actuator.scaling.handles.registry import canonical, group_of, known_handle
from actuator.scaling.memory import Note, UnreadableNoteError
from actuator.scaling.notes import Notes, holdings
from actuator.scaling.owner_store import OwnerStore
from actuator.scaling.ownership import Link, Unowned, count_owner
from actuator.scaling.refusals import reason_of
from actuator.scaling.rollout import surge_of
from actuator.scaling.sources import ScalingSources
from actuator.scaling.transition import Service
from actuator.scaling.wishes import Wish, wishes
from common.api.apps import DEPLOYMENTS, Deployment
from common.api.core import ObjectReference
from common.api.meta import to_builtins
from common.api.policy import PowerCappingPolicy, ScaleTargetRef
from common.kube.errors import NotFound, PermanentError

NOT_A_TARGET = "NotATarget"


class _GoneError(Exception):
    """An owner is not there, or has no count."""


@dataclass(frozen=True)
class Refusal:
    """Why nothing is done about a workload or an owner (``Kind/name``)."""

    subject: str
    reason: str
    message: str


@dataclass
class Want:
    """What a policy wants of one owner: the ceilings of the workloads under it, with their watts and pods."""

    wishes: list[Wish] = field(default_factory=list)
    pods: list[int] = field(default_factory=list)
    ending: int = 0
    surge: int = 0

    @property
    def watts(self) -> int:
        """The most that a replica of any of the workloads may draw."""
        return max((wish.watts for wish in self.wishes), default=0)


@dataclass
class Survey:
    """One policy's services, those that somebody else has changed, lost owners, and what is refused."""

    services: list[Service] = field(default_factory=list)
    changed: list[Service] = field(default_factory=list)
    gone: list[ObjectReference] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    reasons: dict[ObjectReference, str] = field(default_factory=dict)


class Surveyor:
    """Looks at one policy at a time."""

    def __init__(self, sources: ScalingSources, climber: Climber, owners: OwnerStore) -> None:
        self._sources = sources
        self._climber = climber
        self._owners = owners

    async def survey(self, policy: PowerCappingPolicy, notes: Notes) -> Survey:
        """Looks at everything that a policy wants or holds.

        Raises:
            KubeError: The API server could not be asked.
        """
        result = Survey()
        wants: dict[ObjectReference, Want] = {}
        for wish in wishes(policy):
            owner = await self._owner(policy, wish)
            if isinstance(owner, Unowned):
                result.refusals.append(Refusal(wish.workload, owner.reason, owner.message))
            else:
                self._add(wants.setdefault(owner, Want()), policy.namespace, wish)
        wants |= {owner: Want() for owner in holdings(policy.key, notes) if owner not in wants}
        heaviest = max((want.watts for want in wants.values()), default=0)
        for owner, want in wants.items():
            try:
                service, theirs = await self._service(owner, want, notes)
            except (_GoneError, NotFound):
                result.gone.append(owner)
                continue
            except (PermanentError, UnreadableNoteError) as error:
                result.refusals.append(Refusal(f"{owner.kind}/{owner.name}", *reason_of(error)))
                continue
            service = service if want.wishes else replace_watts(service, heaviest)
            (result.changed if theirs else result.services).append(service)
            result.reasons[owner] = want.wishes[0].reason if want.wishes else "the advice names it no more"
        return result

    async def _owner(self, policy: PowerCappingPolicy, wish: Wish) -> ObjectReference | Unowned:
        chain = await self._climber.from_workload(policy.namespace, wish.workload)
        owner = count_owner(chain)
        if isinstance(owner, Unowned):
            return owner
        targets = policy.spec.scale_target_refs
        if targets and not any(_names(target, one) for target in targets for one in _everything(chain)):
            return Unowned(NOT_A_TARGET, "spec.scaleTargetRefs names neither it nor anything above it")
        return canonical(owner)

    def _add(self, want: Want, namespace: str, wish: Wish) -> None:
        want.wishes.append(wish)
        pods = self._sources.living_pods(namespace, wish.workload)
        want.pods.append(len(pods))
        want.ending += sum(bool(pod.metadata.deletion_timestamp) for pod in pods)
        kind, _, name = wish.workload.partition("/")
        if kind == DEPLOYMENTS.kind:
            reference = ObjectReference(api_version="apps/v1", kind=kind, name=name, namespace=namespace)
            item = self._sources.find(reference)
            want.surge += surge_of(item) if isinstance(item, Deployment) else 0

    async def _service(self, owner: ObjectReference, want: Want, notes: Notes) -> tuple[Service, bool]:
        """Returns the service, and whether a field that we held, or have yielded, is somebody else's."""
        handle, body = await self._read(owner)
        note = notes.get(replace(owner, field_path=""), Note())
        foreign = any(held.foreign(read_field(body, pointer)) for pointer, held in note.fields.items())
        return _service(handle, body, owner, note, want), foreign or owner.field_path in note.yielded

    async def _read(self, owner: ObjectReference) -> tuple[Handle, Mapping[str, Any]]:
        handle = known_handle(owner)
        if handle is None:
            handle = await self._owners.discover(owner)
            body = (await self._owners.read(handle, owner)).body if handle else {}
        else:
            item = self._sources.find(owner)  # what a copy lacks is not gone: the server is asked
            body = to_builtins(item) if item else (await self._owners.read(handle, owner)).body
        if handle is None or not body or not handle.pointers(body, owner.field_path):
            raise _GoneError
        return handle, body


def replace_watts(service: Service, watts: int) -> Service:
    """Returns a service of which the advice says nothing, counted with the heaviest replica of the others."""
    return Service(service.owner, service.bound, service.wanted, service.alive, watts=watts, advised=False)


def _service(
    handle: Handle, body: Mapping[str, Any], owner: ObjectReference, note: Note, want: Want
) -> Service:
    part = owner.field_path
    original = original_ceiling(handle, body, part, note)
    ceilings = [wish.replicas for wish in want.wishes]
    ceiling = (min if handle.each else sum)(ceilings) if ceilings else original
    each = len(ceilings) if handle.each else 1  # a bound on each of several workloads counts so many times
    return Service(
        owner=owner,
        bound=ceiling_in_force(handle, body, part),
        wanted=min(original, max(ceiling, handle.least(body, part))),
        alive=(max if handle.each else sum)(want.pods) if want.pods else 0,
        ending=want.ending,
        surge=want.surge,
        watts=want.watts * max(1, each),
        advised=bool(ceilings),
    )


def _everything(chain: tuple[Link, ...]) -> list[ObjectReference]:
    """Returns every object of a chain, and of the ways up from its autoscalers."""
    scalers = [link.reference for under in chain for way in under.scalers for link in way]
    return [*(link.reference for link in chain), *scalers]


def _names(target: ScaleTargetRef, reference: ObjectReference) -> bool:
    same = (target.kind, target.name) == (reference.kind, reference.name)
    return same and group_of(target.api_version) == group_of(reference.api_version)
