"""Server-side apply that first looks whether there is anything to write."""

from __future__ import annotations

import hashlib
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from common.api.meta import KubeObject, object_key, to_builtins
from common.api.resource import Resource, T
from common.kube.client import Client
from common.kube.difference import covers, same, unknown_fields
from common.kube.recent import Recent

_CONDITIONAL = frozenset({"name", "namespace", "uid", "resourceVersion"})
"""Metadata that addresses an object or makes a write conditional; never a change by itself."""

_REMEMBERED = 65_536
"""Bodies of one client whose digests are kept; one that was forgotten costs a write."""

_Slot = tuple[str, str, str, str]
_last_applied: WeakKeyDictionary[Client, Recent[_Slot, bytes]] = WeakKeyDictionary()
"""Digest of the last body that each manager applied, so that a field that is left out now is noticed."""


async def apply_if_changed(
    client: Client,
    resource: Resource[T],
    live: T | None,
    desired: dict[str, Any],
    *,
    field_manager: str,
    subresource: str = "",
) -> T | None:
    """Applies ``desired`` unless ``live`` shows that nothing would change; None where nothing was written.

    What is compared is what ``desired`` holds. Fields that it lacks are somebody else's, or were ours and
    are to go: the server knows which, so the body is written whenever it differs from the last one that
    this process applied, and the first time also when ``live`` holds more than it. Entries of lists of
    conditions are compared by type; other lists as a whole.

    Args:
        client: Where to write.
        resource: The kind.
        live: The object as the cache knows it; None where it does not exist.
        desired: The complete set of fields that this manager owns, in wire names. ``metadata.name`` (and
            ``namespace``) address it; ``metadata.uid`` and ``resourceVersion`` make the write conditional.
        field_manager: As whom to write.
        subresource: ``status``, or empty for the object itself.
    """
    metadata = desired["metadata"]
    name, namespace = metadata["name"], metadata.get("namespace", "")
    content = _content(desired)
    memory = _last_applied.setdefault(client, Recent(_REMEMBERED))
    slot = (resource.plural, object_key(name, namespace), field_manager, subresource)
    digest = hashlib.blake2b(msgspec.json.encode(content, order="sorted"), digest_size=16).digest()
    if live is not None and _nothing_to_write(resource, live, content, memory.get(slot), digest):
        memory[slot] = digest
        return None
    applied = await client.apply(resource, desired, field_manager=field_manager, subresource=subresource)
    memory[slot] = digest
    return applied


def _nothing_to_write(
    resource: Resource[T], live: T, content: dict[str, Any], last: bytes | None, digest: bytes
) -> bool:
    if last is not None and last != digest:
        return False
    if unknown_fields(resource.type, content):
        return False  # a slim view cannot tell
    wanted = _content(to_builtins(msgspec.convert(content, resource.type)))
    present = to_builtins(live)
    if not covers(present, wanted):
        return False
    return last is not None or all(
        same(present.get(part), wanted.get(part)) for part in wanted if part != "metadata"
    )


def _content(body: KubeObject | dict[str, Any]) -> dict[str, Any]:
    """Returns a body without what addresses the object."""
    plain = dict(body) if isinstance(body, dict) else to_builtins(body)
    metadata = {key: value for key, value in plain.get("metadata", {}).items() if key not in _CONDITIONAL}
    rest = {key: value for key, value in plain.items() if key not in ("metadata", "apiVersion", "kind")}
    return {**rest, "metadata": metadata} if metadata else rest
