"""What an API server sends, byte by byte."""

import json
from typing import Any


def namespace_object(name: str, version: int = 1, uid: str = "", **labels: str) -> dict[str, Any]:
    """A Namespace in wire form."""
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": name,
            "uid": uid or f"uid-{name}",
            "resourceVersion": str(version),
            "labels": labels,
            "managedFields": [{"manager": "test", "fieldsV1": {"f:metadata": {}}}],
        },
    }


def event_line(kind: str, body: dict[str, Any]) -> bytes:
    """One line of a watch."""
    return json.dumps({"type": kind, "object": body}, separators=(",", ":")).encode() + b"\n"


def bookmark_line(version: int, *, initial_end: bool = False) -> bytes:
    annotations = {"k8s.io/initial-events-end": "true"} if initial_end else {}
    metadata = {"resourceVersion": str(version), "annotations": annotations}
    return event_line("BOOKMARK", {"kind": "Namespace", "apiVersion": "v1", "metadata": metadata})


def error_line(code: int, reason: str) -> bytes:
    return event_line(
        "ERROR", {"kind": "Status", "code": code, "reason": reason, "message": reason, "status": "Failure"}
    )


def page(*objects: dict[str, Any], version: int = 1, continue_token: str = "") -> bytes:
    """One page of a list."""
    metadata = {"resourceVersion": str(version), "continue": continue_token}
    return json.dumps({"kind": "List", "metadata": metadata, "items": list(objects)}).encode()
