"""Uninstall: every place is struck out and freed, whoever was on the way to it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from actuator.levers.place_store import PlaceStore
from common.api.places import read_places
from common.api.policy import POLICIES
from common.kube.client import Client
from common.kube.errors import KubeError

log = logging.getLogger(__name__)


async def release_moves(client: Client, store: PlaceStore, may_write: Callable[[], bool]) -> list[str]:
    """Strikes every place out and frees it.

    Returns:
        ``Pod/namespace/name`` of the pods whose places stay, and of placeholders that do.

    Raises:
        KubeError: The policies or placeholders could not be listed.
    """
    left = []
    for policy in (await client.list(POLICIES)).items:
        for uid, place in read_places(policy).items():
            release = store.release((policy.namespace, policy.name), uid)
            if not await _done(release, may_write, place.key):
                left.append(f"Pod/{policy.namespace}/{place.pod}")
    for holder in await store.placeholders():
        freed = await _done(store.free(holder.name), may_write, holder.name)
        left += [] if freed else [f"Pod/{holder.key}"]
    return left


async def _done(step: Coroutine[Any, Any, None], may_write: Callable[[], bool], what: str) -> bool:
    """Does a step if it may be done; whether it was."""
    if not may_write():
        step.close()
        return False
    try:
        await step
    except KubeError as error:
        log.warning("a place stays", extra={"key": what, "error": str(error)})
        return False
    return True
