"""Object metadata and conditions: what every Kubernetes object carries, reduced to the fields that we use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec


class Struct(
    msgspec.Struct,
    rename="camel",
    omit_defaults=True,
    kw_only=True,
    gc=False,
    frozen=True,
):
    """Base of all API objects: camelCase on the wire, unknown fields dropped at decode.

    Status types whose zeros say something set ``omit_defaults=False``.

    Objects are shared between caches and readers: treat them as immutable, and make a changed copy with
    ``msgspec.structs.replace``.

    ``gc=False`` keeps tens of thousands of objects out of the cyclic collector; API objects are trees,
    so they never form cycles.
    """


class OwnerReference(Struct, frozen=True):
    """The owner of an object, as the garbage collector reads it."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class ObjectMeta(Struct, frozen=True):
    """Metadata without ``managedFields`` (45 % of a pod's bytes, never used by us)."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: str = ""
    deletion_timestamp: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    finalizers: list[str] = []
    owner_references: list[OwnerReference] = []


class KubeObject(Struct, frozen=True):
    """An object with metadata."""

    metadata: ObjectMeta = ObjectMeta()

    @property
    def name(self) -> str:
        """The object's name."""
        return self.metadata.name

    @property
    def namespace(self) -> str:
        """The object's namespace; empty for cluster-scoped kinds."""
        return self.metadata.namespace

    @property
    def key(self) -> str:
        """``namespace/name``, or ``name`` where there is no namespace."""
        return object_key(self.metadata.name, self.metadata.namespace)


class Condition(Struct, frozen=True):
    """A standard condition; ``status`` is "True", "False" or "Unknown"."""

    type: str
    status: str
    reason: str
    message: str = ""
    last_transition_time: str = ""
    observed_generation: int = 0


def object_key(name: str, namespace: str = "") -> str:
    """Returns the key by which stores and queues know an object."""
    return f"{namespace}/{name}" if namespace else name


def rfc3339(moment: datetime) -> str:
    """Formats an aware datetime as the API server does (whole seconds, UTC, ``Z``)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339_micro(moment: datetime) -> str:
    """Formats an aware datetime as MicroTime (Leases, heartbeats)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_time(text: str) -> datetime | None:
    """Parses a Kubernetes time; None for an empty or malformed one.

    One without a zone, as people write into annotations, is UTC.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def has_come(text: str, now: datetime) -> bool:
    """Whether a time has come; one that cannot be read has, so that nothing holds for ever by mistake."""
    moment = parse_time(text)
    return moment is None or now >= moment


def set_condition(conditions: list[Condition], new: Condition, now: datetime) -> list[Condition]:
    """Returns the conditions with ``new`` in place, sorted by type so that writes do not flap.

    ``lastTransitionTime`` moves only when ``status`` does, as the API conventions ask.
    """
    old = find_condition(conditions, new.type)
    since = old.last_transition_time if old and old.status == new.status else rfc3339(now)
    stamped = msgspec.structs.replace(new, last_transition_time=since)
    rest = [c for c in conditions if c.type != new.type]
    return sorted([*rest, stamped], key=lambda c: c.type)


def find_condition(conditions: list[Condition], type_: str) -> Condition | None:
    """Returns the condition of a type, or None."""
    return next((c for c in conditions if c.type == type_), None)


def to_builtins(value: Any) -> Any:
    """Converts a struct to plain JSON types, in wire names, without defaulted fields."""
    return msgspec.to_builtins(value)
