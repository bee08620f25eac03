"""Where places are noted and kept: an annotation on the policy, and placeholders in a namespace of their own.

The note is written before the placeholder and removed after it, so that whoever leads next finds every place.
"""

from __future__ import annotations

import contextlib
from typing import Any

from actuator.placement.placeholder import LABEL_PLACEHOLDER, placeholder_body, placeholder_name
from common.api.core import PODS, Pod
from common.api.placement import PLACED_PODS, PlacedPod
from common.api.places import ANNOTATION_PLACES, Place, read_places, write_places
from common.api.policy import POLICIES
from common.kube.client import Client
from common.kube.errors import AlreadyExists, Conflict, NotFound

PLACES_NAMESPACE = "climatik-places"
_ATTEMPTS = 4


class PlaceStore:
    """Reads and writes; counts the requests that it makes.

    Args:
        client: Where to.
        image: What placeholders run.
        namespace: Where they are.
    """

    def __init__(self, client: Client, image: str, namespace: str = PLACES_NAMESPACE) -> None:
        self._client = client
        self._image = image
        self._namespace = namespace
        self.requests = 0

    async def note(self, policy: tuple[str, str], uid: str, place: Place | None) -> None:
        """Writes a place down on its policy; None strikes it out, also where the policy is gone.

        Raises:
            KubeError: It was refused, or its fate is not known.
        """
        for attempt in range(_ATTEMPTS):
            try:
                await self._write(policy, uid, place)
                return
            except Conflict:
                if attempt == _ATTEMPTS - 1:
                    raise
            except NotFound:
                if place is not None:
                    raise
                return

    async def _write(self, policy: tuple[str, str], uid: str, place: Place | None) -> None:
        self.requests += 1
        found = await self._client.get(POLICIES, policy[1], policy[0])
        noted = read_places(found)
        places = {key: one for key, one in noted.items() if key != uid} | ({uid: place} if place else {})
        if places == noted:
            return
        meta = found.metadata
        body = {
            "metadata": {
                "annotations": {ANNOTATION_PLACES: write_places(places)},
                "uid": meta.uid,
                "resourceVersion": meta.resource_version,
            }
        }
        self.requests += 1
        await self._client.patch(POLICIES, meta.name, body, meta.namespace)

    async def is_noted(self, policy: str, uid: str) -> bool:
        """Whether a policy (``namespace/name``) notes a place for a pod, by a consistent read.

        Raises:
            KubeError: It could not be asked for.
        """
        namespace, _, name = policy.partition("/")
        try:
            found = await self._client.get(POLICIES, name, namespace)
        except NotFound:
            return False
        return uid in read_places(found)

    async def keep(self, pod: PlacedPod, place: Place, policy: tuple[str, str]) -> None:
        """Makes the placeholder; one that is there already is taken as ours.

        Raises:
            KubeError: It was refused, or its fate is not known.
        """
        self.requests += 1
        body: dict[str, Any] = placeholder_body(pod, place, "/".join(policy), self._image)
        with contextlib.suppress(AlreadyExists):
            await self._client.create(PODS, body, self._namespace)

    async def placeholder(self, uid: str) -> Pod | None:
        """Returns the placeholder for a pod; None where there is none.

        Raises:
            KubeError: It could not be asked for.
        """
        self.requests += 1
        try:
            return await self._client.get(PODS, placeholder_name(uid), self._namespace)
        except NotFound:
            return None

    async def placeholders(self) -> list[Pod]:
        """Returns all placeholders.

        Raises:
            KubeError: They could not be listed.
        """
        selector = f"{LABEL_PLACEHOLDER}=true"
        return (await self._client.list(PODS, self._namespace, label_selector=selector)).items

    async def free(self, name: str) -> None:
        """Deletes a placeholder; one that is gone is free.

        Raises:
            KubeError: It was refused, or its fate is not known.
        """
        self.requests += 1
        with contextlib.suppress(NotFound):
            await self._client.delete(PODS, name, self._namespace, grace_period_seconds=0)

    async def release(self, policy: tuple[str, str], uid: str) -> None:
        """Frees a place and strikes it out, in this order.

        Raises:
            KubeError: It was refused, or its fate is not known; it may be called again.
        """
        await self.free(placeholder_name(uid))
        await self.note(policy, uid, None)

    async def moving_pod(self, namespace: str, name: str) -> PlacedPod | None:
        """Returns a pod with its demands; None where there is none of that name.

        Raises:
            KubeError: It could not be asked for.
        """
        self.requests += 1
        try:
            return await self._client.get(PLACED_PODS, name, namespace)
        except NotFound:
            return None
