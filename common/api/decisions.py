"""The actuator's record: what it decided about workloads and why, and what the next leader must know.

One bounded ConfigMap beside the actuator, written under compare-and-swap by its leader alone.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from common.api.meta import KubeObject, Struct
from common.api.resource import Resource

RECORD_NAME: Final = "climatik-decisions"
RECORD_KEY: Final = "record.json"
MAX_DECISIONS: Final = 250
MAX_BYTES: Final = 192 * 1024
"""Well under the 256 KiB that etcd takes without grumbling; a ConfigMap may have 1 MiB."""

INTENDED: Final = "Intended"
"""Written before the deed: it may have been done."""
TAKEN: Final = "Taken"
REFUSED: Final = "Refused"
FAILED: Final = "Failed"
"""Tried, and not done: the API server, or a disruption budget, said no."""
ABANDONED: Final = "Abandoned"
"""Intended by a leader that was gone before it was done."""


class Decision(Struct, frozen=True):
    """One decision: taken or refused, with what it rested on.

    Times are RFC 3339. ``subject`` is what was over its cap (``policy/NAMESPACE/NAME``, ``node/NAME``,
    ``domain/NAME``), ``target`` what the decision was about (``Pod/NAMESPACE/NAME``), ``change`` the fields
    that were written, where it was about fields. A refusal that is repeated is one decision with a count.
    """

    key: str
    at: str
    subject: str
    rung: str
    verdict: str
    reason: str
    message: str = ""
    change: str = ""
    policy: str = ""
    target: str = ""
    uid: str = ""
    node: str = ""
    domain: str = ""
    workload: str = ""
    draw_watts: int = 0
    cap_watts: int = 0
    expected_watts: int = 0
    achieved_watts: int | None = None
    disruptions: int = 0
    alternatives: list[str] = []
    count: int = 1
    last: str = ""


class Disruption(Struct, frozen=True):
    """Pods that were, or may have been, stopped at a moment; what the limits are counted from."""

    at: str
    workload: str
    domains: list[str] = []
    count: int = 1


class Standing(Struct, frozen=True, omit_defaults=False):
    """How far up the ladder a subject is, and since when; ``calm_since`` while it is well under its cap."""

    rung: int = 0
    since: str = ""
    calm_since: str = ""


class Record(Struct, frozen=True):
    """All that is kept: standings, disruptions of the last window, the latest decisions (oldest first)."""

    standings: dict[str, Standing] = {}
    disruptions: list[Disruption] = []
    decisions: list[Decision] = []


class RecordMap(KubeObject, frozen=True):
    """The ConfigMap that holds the record."""

    data: dict[str, str] = {}


RECORDS: Final = Resource(kind="ConfigMap", plural="configmaps", type=RecordMap, namespaced=True)


def decode_record(item: RecordMap) -> Record:
    """Returns the record in a ConfigMap; an empty one where there is none.

    Raises:
        msgspec.DecodeError: What is there is no record.
    """
    text = item.data.get(RECORD_KEY, "")
    return msgspec.json.decode(text, type=Record) if text else Record()


def encode_record(record: Record) -> dict[str, Any]:
    """Returns the ConfigMap's ``data``, the oldest decisions left out where it would grow too large."""
    kept = record.decisions[-MAX_DECISIONS:]
    while True:
        bounded = msgspec.structs.replace(record, decisions=kept)
        text = msgspec.json.encode(bounded).decode()
        if len(text) <= MAX_BYTES or not kept:
            return {RECORD_KEY: text}
        kept = kept[len(kept) // 8 + 1 :]
