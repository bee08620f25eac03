"""A checkpoint in a few ConfigMaps of our namespace, each written on the version that was read."""

from __future__ import annotations

import base64
import binascii
import logging

from common.grid.config_map import CONFIG_MAPS, ConfigMap
from common.kube.client import Client
from common.kube.errors import AlreadyExists, Conflict, KubeError, NotFound
from recommender.checkpoint.entries import Entries
from recommender.checkpoint.shards import from_shards, into_shards
from recommender.checkpoint.store import CheckpointError

log = logging.getLogger(__name__)

NAME = "climatik-recommender-checkpoint"
MOST_SHARDS = 8
_KEY = "entries"


class ConfigMapStore:
    """Keeps what fits into eight ConfigMaps of 800 KiB.

    Args:
        client: The API server.
        namespace: Ours.
    """

    def __init__(self, client: Client, namespace: str) -> None:
        self._client = client
        self._namespace = namespace
        self._versions: dict[str, str] = {}

    async def read(self) -> Entries:
        """Returns what was kept; a shard that cannot be read is passed over.

        Raises:
            CheckpointError: The API server cannot be asked.
        """
        found: Entries = {}
        for number in range(MOST_SHARDS):
            shard = await self._get(_name(number))
            if shard is None:
                break
            try:
                found |= from_shards([base64.b64decode(shard.binary_data.get(_KEY, ""), validate=True)])
            except (ValueError, binascii.Error) as error:
                log.warning("a shard cannot be read", extra={"shard": shard.name, "error": str(error)})
        return found

    async def write(self, entries: Entries) -> int:
        """Writes the shards, and empties those that are needed no more; returns how many entries had no room.

        Raises:
            CheckpointError: Somebody else wrote in between (a second recommender), or the server refused.
        """
        shards, left_out = into_shards(entries, MOST_SHARDS)
        stale = [name for name in self._versions if name not in {_name(n) for n in range(len(shards))}]
        for number, shard in enumerate(shards):
            await self._put(_name(number), shard)
        for name in stale:
            await self._put(name, b"\x80")  # an empty map
        return left_out

    async def _get(self, name: str) -> ConfigMap | None:
        try:
            shard = await self._client.get(CONFIG_MAPS, name, self._namespace)
        except NotFound:
            self._versions.pop(name, None)
            return None
        except KubeError as error:
            raise CheckpointError(f"configmap {name}: {error}") from error
        self._versions[name] = shard.metadata.resource_version
        return shard

    async def _put(self, name: str, content: bytes) -> None:
        metadata = {"name": name, "namespace": self._namespace}
        body = {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata,
            "binaryData": {_KEY: base64.b64encode(content).decode()},
        }  # fmt: skip
        version = self._versions.get(name)
        try:
            if version is None:
                made = await self._client.create(CONFIG_MAPS, body, self._namespace)
            else:
                metadata["resourceVersion"] = version
                made = await self._client.replace(CONFIG_MAPS, body)
        except (Conflict, AlreadyExists) as error:
            await self._get(name)  # the next write goes on from there
            raise CheckpointError(f"configmap {name}: another recommender wrote it meanwhile") from error
        except NotFound as error:
            self._versions.pop(name, None)
            raise CheckpointError(f"configmap {name}: it was deleted meanwhile, or {error}") from error
        except KubeError as error:
            raise CheckpointError(f"configmap {name}: {error}") from error
        self._versions[name] = made.metadata.resource_version


def _name(number: int) -> str:
    return f"{NAME}-{number}"
