"""Which kinds the API server serves, and which of them can be scaled: discovery, remembered for a while."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from common.api.meta import Struct
from common.clock import Clock
from common.kube.client import Client
from common.kube.errors import ConnectionFailed, NotFound

LIFETIME_SECONDS = 60.0
"""A CRD that was installed or removed is noticed within this time."""


class _Served(Struct, frozen=True):
    name: str = ""
    kind: str = ""
    namespaced: bool = False


class _ServedList(Struct, frozen=True):
    resources: list[_Served] | None = None


_DECODER = msgspec.json.Decoder(_ServedList)


@dataclass(frozen=True)
class ServedKind:
    """Where objects of a kind live, and whether they have a ``/scale`` subresource."""

    plural: str
    namespaced: bool
    scalable: bool


class ApiResources:
    """Asks for one group and version at a time, at most once a minute each."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[float, dict[str, ServedKind]]] = {}

    async def find(self, api_version: str, kind: str) -> ServedKind | None:
        """Returns what is known of a kind; None where the server does not serve it.

        Raises:
            KubeError: The server could not be asked.
        """
        asked, kinds = self._known.get(api_version, (float("-inf"), {}))
        if self._clock.monotonic() - asked >= LIFETIME_SECONDS:
            kinds = await self._ask(api_version)
            self._known[api_version] = (self._clock.monotonic(), kinds)
        return kinds.get(kind)

    async def _ask(self, api_version: str) -> dict[str, ServedKind]:
        root = "/apis/" if "/" in api_version else "/api/"
        try:
            answer = await self._client.request("GET", root + api_version)
        except NotFound:
            return {}
        try:
            served = _DECODER.decode(answer).resources or []
        except msgspec.DecodeError as error:
            raise ConnectionFailed(f"what {api_version} serves is not told in JSON: {error}") from error
        scalable = {one.name.removesuffix("/scale") for one in served if one.name.endswith("/scale")}
        return {
            one.kind: ServedKind(one.name, one.namespaced, one.name in scalable)
            for one in served
            if "/" not in one.name
        }
