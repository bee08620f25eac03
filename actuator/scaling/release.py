"""Uninstall: every original is given back, whatever policies say, and the policies are let go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from actuator.levers.ceilings import CeilingLever
from actuator.scaling.actions import restoration
from actuator.scaling.notes import all_notes
from actuator.scaling.policy_store import PolicyStore
from actuator.scaling.sources import ScalingSources
from common.api.core import ObjectReference
from common.api.names import FINALIZER_RELEASE
from common.api.policy import POLICIES
from common.clock import Clock
from common.kube.client import Client
from common.kube.errors import KubeError

log = logging.getLogger(__name__)

_ROUNDS = 5
"""A conflict with another writer is over by the next round, a second later."""


async def release_ceilings(
    client: Client, sources: ScalingSources, clock: Clock, may_write: Callable[[], bool]
) -> list[str]:
    """Gives back every count and lets go of every policy; the local copies are complete.

    Returns:
        ``Kind/namespace/name`` of the owners that keep their ceiling, whose policies stay held, and of what
        bears a note that cannot be read.

    Raises:
        KubeError: The policies could not be listed.
    """
    lever = CeilingLever(client, sources.kinds, clock, may_write)
    policies = (await client.list(POLICIES)).items
    found = all_notes(sources, policies)
    for bearer, problem in found.unreadable.items():
        log.error(problem, extra={"object": f"{bearer.kind}/{bearer.namespace}/{bearer.name}"})
    left: dict[ObjectReference, set[str]] = {
        owner: note.policies() for owner, note in found.notes.items() if note
    }
    for _ in range(_ROUNDS):
        left = {owner: names for owner, names in left.items() if not await _given_back(lever, owner)}
        if not left:
            break
        await asyncio.sleep(1.0)
    held = set().union(*left.values()) if left else set()
    store = PolicyStore(client)
    lost = {bearer.uid for bearer in found.unreadable}
    for policy in policies:
        known = policy.key not in held and policy.metadata.uid not in lost
        if known and FINALIZER_RELEASE in policy.metadata.finalizers and may_write():
            await _let_go(store, policy.namespace, policy.name)
    return [f"{one.kind}/{one.namespace}/{one.name}" for one in (*left, *found.unreadable)]


async def _given_back(lever: CeilingLever, owner: ObjectReference) -> bool:
    """Whether nothing of ours is left at an owner; so too where it is gone or was changed by others."""
    action = restoration(("", ""), owner, "uninstall")
    try:
        outcome = await lever.take(action)
    except KubeError as error:
        log.warning("a ceiling stays", extra={"object": action.key, "error": str(error)})
        return False
    if not outcome.taken:
        log.warning(outcome.message, extra={"object": action.key, "reason": outcome.reason})
    return outcome.taken or outcome.reason in ("Gone", "ChangedByOther")


async def _let_go(store: PolicyStore, namespace: str, name: str) -> None:
    try:
        await store.forget((namespace, name))
    except KubeError as error:
        log.warning(
            "a policy keeps its finalizer", extra={"policy": f"{namespace}/{name}", "error": str(error)}
        )
