"""Whole objects, as a controller that writes all of an object reads them."""

from __future__ import annotations

from typing import Any

import msgspec

from common.api.resource import Resource
from common.kube.client import Client
from common.kube.errors import NotFound

Body = dict[str, Any]


async def list_bodies(client: Client, resource: Resource[Any], namespace: str) -> list[Body]:
    found = msgspec.json.decode(await client.request("GET", resource.path(namespace)))
    return list(found["items"])


async def get_body(client: Client, resource: Resource[Any], namespace: str, name: str) -> Body | None:
    try:
        return dict(msgspec.json.decode(await client.request("GET", resource.path(namespace, name))))
    except NotFound:
        return None


def owned_by(owner: Body, resource: Resource[Any]) -> Body:
    """Returns the reference of a controller to its object."""
    metadata = owner["metadata"]
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def covers(present: Any, wanted: Any) -> bool:
    """Whether everything wanted is there; what the server or others added does not count."""
    if isinstance(wanted, dict):
        return isinstance(present, dict) and all(covers(present.get(k), v) for k, v in wanted.items())
    if isinstance(wanted, list):
        same = isinstance(present, list) and len(present) == len(wanted)
        return same and all(covers(p, w) for p, w in zip(present, wanted, strict=True))
    return bool(present == wanted)
