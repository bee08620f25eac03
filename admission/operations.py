"""JSON Patch operations by hand: only ``add``, only what is ours, with missing parents made on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from admission.pods import Pod

Operation = dict[str, Any]
"""One JSON Patch operation (RFC 6902)."""


def set_annotations(pod: Pod, wanted: Mapping[str, str]) -> list[Operation]:
    """Returns the operations that give a pod these annotations and keep all others."""
    meta = pod.get("metadata")
    if not isinstance(meta, dict):
        return [add("/metadata", {"annotations": dict(wanted)})] if wanted else []
    return _set_entries("/metadata/annotations", meta.get("annotations"), wanted)


def set_resource(container: Mapping[str, Any], index: int, resource: str, amount: str) -> list[Operation]:
    """Returns the operations that set a resource in both limits and requests of a container."""
    base = f"/spec/containers/{index}/resources"
    present = container.get("resources")
    if not isinstance(present, dict):
        return [add(base, {"limits": {resource: amount}, "requests": {resource: amount}})]
    operations: list[Operation] = []
    for kind in ("limits", "requests"):
        operations += _set_entries(f"{base}/{kind}", present.get(kind), {resource: amount})
    return operations


def set_node_selector(spec: Mapping[str, Any], wanted: Mapping[str, str]) -> list[Operation]:
    """Returns the operations that make a pod demand these labels of its node, besides its own demands."""
    return _set_entries("/spec/nodeSelector", spec.get("nodeSelector"), wanted)


def _set_entries(path: str, present: Any, wanted: Mapping[str, str]) -> list[Operation]:
    if not wanted:
        return []
    if not isinstance(present, dict):
        return [add(path, dict(wanted))]
    changed = {key: value for key, value in wanted.items() if present.get(key) != value}
    return [add(f"{path}/{escape(key)}", value) for key, value in changed.items()]


def escape(key: str) -> str:
    """Escapes a key for a JSON Pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def add(path: str, value: Any) -> Operation:
    """Returns the operation that sets a member of an object, or inserts into a list."""
    return {"op": "add", "path": path, "value": value}
