"""What of ours is in the cluster, and what was there before: found in objects as the server sends them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.api.names import ANNOTATION_CEILING, ANNOTATION_CEILINGS, FINALIZER_RELEASE, GROUP, WATTS_RESOURCE
from common.api.places import ANNOTATION_PLACES

Body = Mapping[str, Any]
Found = Mapping[str, Sequence[Body]]
"""Objects by kind."""

_DOMAIN, _POLICY, _NODE, _DEVICES, _POD = (
    "PowerDomain",
    "PowerCappingPolicy",
    "Node",
    "NodeFrequencies",
    "Pod",
)


@dataclass(frozen=True)
class Trace:
    """One thing that is ours.

    Attributes:
        object: ``Kind/name`` or ``Kind/namespace/name``.
        what: What it is; for a ceiling the JSON Pointer of the field.
        present: What is there now.
        original: What is there again when it was taken back; empty where it is to be gone.
        stays: Whether it stays on purpose.
    """

    object: str
    what: str
    present: str
    original: str = ""
    stays: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What makes two traces the same."""
        return self.object, self.what


def traces(found: Found) -> list[Trace]:
    """Returns everything of ours, caps last, which is the order in which it is taken back."""
    objects = {name_of(kind, body): body for kind, bodies in found.items() for body in bodies}
    result: list[Trace] = []
    for kind, bodies in found.items():
        for body in bodies:
            result += _of_object(kind, body, objects)
    return sorted(result, key=lambda one: (one.object.startswith((_DEVICES, _DOMAIN)), one.object, one.what))


def name_of(kind: str, body: Body) -> str:
    """Returns how an object is called here."""
    meta = body["metadata"]
    return "/".join(filter(None, [kind, meta.get("namespace"), meta["name"]]))


def value_at(body: Body | None, pointer: str) -> str:
    """Returns what stands in a field of an object, as text; empty where there is nothing."""
    value: Any = body
    for part in pointer.split("/")[1:]:
        value = value.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)


def _of_object(kind: str, body: Body, objects: Mapping[str, Body]) -> Iterator[Trace]:
    name, meta = name_of(kind, body), body["metadata"]
    noted = meta.get("annotations") or {}
    if kind == _NODE:
        yield from _of_node(name, body)
    elif kind == _DEVICES:
        yield Trace(name, "device settings", _settings(body), "as found")
    elif kind == _POD:
        yield Trace(name, "placeholder", f"on {body['spec'].get('nodeName', 'no node')}")
    elif kind == _POLICY:
        if ANNOTATION_PLACES in noted:
            yield Trace(name, "places that are kept", noted[ANNOTATION_PLACES])
        for owner, note in _json(noted.get(ANNOTATION_CEILINGS)).items():
            *group_and_kind, owner_name = owner.split("/")
            target = "/".join([*group_and_kind[-1:], meta["namespace"], owner_name])
            yield from _ceilings(target, note, objects.get(target))
    elif ANNOTATION_CEILING in noted:
        note = _json(noted[ANNOTATION_CEILING])
        if note.get("of") == f"{kind}/{meta['name']}":  # else a copy that a controller made
            yield from _ceilings(name, note, body)
    if kind in (_POLICY, _DOMAIN) and FINALIZER_RELEASE in (meta.get("finalizers") or ()):
        yield Trace(name, "finalizer", FINALIZER_RELEASE)
    if kind == _DOMAIN and (body.get("status") or {}).get("enforcement"):
        yield Trace(name, "cap that is held", f"{body['status']['enforcement'].get('effectiveCapWatts')} W")


def _of_node(name: str, body: Body) -> Iterator[Trace]:
    for taint in body.get("spec", {}).get("taints") or ():
        if taint["key"] == f"{GROUP}/hot":
            yield Trace(name, f"taint {taint['key']}", f"{taint.get('value', '')}:{taint['effect']}")
    offered = body.get("status", {}).get("capacity", {}).get(WATTS_RESOURCE)
    if offered:
        yield Trace(name, f"capacity {WATTS_RESOURCE}", str(offered), stays=True)


def _ceilings(target: str, note: Any, body: Body | None) -> Iterator[Trace]:
    fields = note.get("fields", {}) if isinstance(note, Mapping) else None
    if not isinstance(fields, Mapping):
        yield Trace(target, "note of a ceiling that cannot be read", str(note))
        return
    for pointer, held in fields.items():
        original = held.get("original") if isinstance(held, Mapping) else None
        yield Trace(target, pointer, value_at(body, pointer), "" if original is None else str(original))


def _settings(body: Body) -> str:
    """Returns in a few words what the devices of a node are held to."""
    budget = body.get("spec", {}).get("powerBudget") or {}
    status = body.get("status") or {}
    parts = [f"grant {budget['grantWatts']} W"] if "grantWatts" in budget else []
    for gpu in status.get("gpus") or ():
        wanted = [f"{gpu['requestedWatts']} W"] if gpu.get("requestedWatts") else []
        wanted += [f"{gpu['targetFrequency']} MHz"] if gpu.get("targetFrequency") else []
        if wanted:
            parts.append(f"{gpu.get('gpuId', 'GPU')} {' '.join(wanted)}")
    return ", ".join(parts) or "none"


def _json(text: Any) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
