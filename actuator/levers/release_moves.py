"""Uninstall: every place is struck out and freed, whoever was on the way to it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from actuator.levers.place_store import PlaceStore
from common.api.places import read_places
from common.api.policy import POLICIES
from common.kube.client import Client
from common.kube.errors import KubeError

log = logging.getLogger(__name__)


async def release_moves(client: Client, store: PlaceStore, may_write: Callable[[], bool]) -> list[str]:
    """Strikes every place out and frees it.

    Returns:
        ``Pod/namespace/name`` of the pods whose places stay.

    Raises:
        KubeError: The policies or placeholders could not be listed.
    """
    left = []
    for policy in (await client.list(POLICIES)).items:
        for uid, place in read_places(policy).items():
            try:
                if may_write():
                    await store.release((policy.namespace, policy.name), uid)
                    continue
            except KubeError as error:
                log.warning("a place stays", extra={"key": place.key, "error": str(error)})
            left.append(f"Pod/{policy.namespace}/{place.pod}")
    for holder in await store.placeholders():
        if may_write():
            await store.free(holder.name)
    return left
