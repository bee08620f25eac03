"""Events for people: what ``kubectl describe`` shows under an object."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import dataclass, field

from common.api.core import EVENTS, ObjectReference
from common.api.meta import rfc3339
from common.clock import Clock, SystemClock
from common.kube.client import Client
from common.kube.errors import KubeError, NotFound
from common.kube.ratelimit import TokenBucket
from common.kube.recent import Recent

logger = logging.getLogger(__name__)

MAX_MESSAGE_CHARACTERS = 1024
"""The API server refuses longer messages."""


@dataclass(frozen=True)
class EventSettings:
    """How many Events there may be.

    Attributes:
        queue_length: Events that wait to be written; beyond it new ones are dropped and counted.
        remembered: Distinct Events (objects, by reason) that are remembered for aggregation and limits.
        burst: Events of one reason about one object at once.
        seconds_per_event: Average distance of those after that.
        similar_limit: Distinct messages of one reason about one object before they are combined.
        similar_window_seconds: How long such messages are counted together.
    """

    queue_length: int = 1000
    remembered: int = 4096
    burst: int = 25
    seconds_per_event: float = 300.0
    similar_limit: int = 10
    similar_window_seconds: float = 600.0


@dataclass(frozen=True)
class _Draft:
    regarding: ObjectReference
    type: str
    reason: str
    message: str


@dataclass
class _Written:
    """An Event that exists on the server."""

    name: str
    count: int


@dataclass
class _Similar:
    """Messages of one reason about one object."""

    started: float
    messages: set[str] = field(default_factory=set)
    combined: _Draft | None = None


class EventRecorder:
    """Takes Events at any time and writes them while :meth:`run` runs.

    The same Event again raises the count of the one that exists. Many different messages of one reason
    about one object become one combined Event. Nothing here ever raises into the caller.
    """

    def __init__(
        self,
        client: Client,
        component: str,
        clock: Clock | None = None,
        settings: EventSettings | None = None,
    ) -> None:
        self._client = client
        self._component = component
        self._clock: Clock = clock or SystemClock()
        self._settings = settings or EventSettings()
        self._queue: asyncio.Queue[_Draft] = asyncio.Queue(self._settings.queue_length)
        remembered = self._settings.remembered
        self._written: Recent[_Draft, _Written] = Recent(remembered)
        self._similar: Recent[tuple[ObjectReference, str, str], _Similar] = Recent(remembered)
        self._buckets: Recent[tuple[ObjectReference, str], TokenBucket] = Recent(remembered)
        self._instance = uuid.uuid4().hex[:8]
        self.dropped = 0

    def event(self, regarding: ObjectReference, type_: str, reason: str, message: str) -> None:
        """Queues an Event.

        Args:
            regarding: The object, see :func:`common.api.reference.reference`.
            type_: "Normal" or "Warning".
            reason: A CamelCase word for machines.
            message: A sentence for people; cut at what the API server accepts.
        """
        draft = self._combine(_Draft(regarding, type_, reason, _cut(message)))
        if not self._bucket(regarding, reason).try_take():
            self.dropped += 1
            return
        try:
            self._queue.put_nowait(draft)
        except asyncio.QueueFull:
            self.dropped += 1

    async def run(self) -> None:
        """Writes Events until cancelled; one that cannot be written is logged and dropped."""
        while True:
            draft = await self._queue.get()
            try:
                await self._write(draft)
            except KubeError as error:
                self.dropped += 1
                logger.warning("an Event was lost", extra={"reason": draft.reason, "error": str(error)})

    async def _write(self, draft: _Draft) -> None:
        written = self._written.get(draft)
        if written is not None:
            try:
                await self._raise_count(draft, written)
                self._written.move_to_end(draft)
                return
            except NotFound:  # Events live for an hour
                del self._written[draft]
        name = f"{draft.regarding.name[:200].rstrip('-.')}.{uuid.uuid4().hex[:16]}"
        await self._client.create(EVENTS, self._body(draft, name), _namespace(draft.regarding))
        self._written[draft] = _Written(name, 1)

    async def _raise_count(self, draft: _Draft, written: _Written) -> None:
        patch = {"count": written.count + 1, "lastTimestamp": rfc3339(self._clock.now())}
        await self._client.patch(EVENTS, written.name, patch, _namespace(draft.regarding))
        written.count += 1

    def _body(self, draft: _Draft, name: str) -> dict[str, object]:
        now = rfc3339(self._clock.now())
        return {
            "metadata": {"name": name, "namespace": _namespace(draft.regarding)},
            "involvedObject": {
                "apiVersion": draft.regarding.api_version,
                "kind": draft.regarding.kind,
                "name": draft.regarding.name,
                "namespace": draft.regarding.namespace,
                "uid": draft.regarding.uid,
            },
            "type": draft.type,
            "reason": draft.reason,
            "message": draft.message,
            "count": 1,
            "firstTimestamp": now,
            "lastTimestamp": now,
            "source": {"component": self._component},
            "reportingComponent": self._component,
            "reportingInstance": f"{self._component}-{self._instance}",
        }

    def _combine(self, draft: _Draft) -> _Draft:
        """Gives a flood of differing messages one common text, so that they are counted together."""
        group = (draft.regarding, draft.type, draft.reason)
        now = self._clock.monotonic()
        similar = self._similar.get(group)
        if similar is None or now - similar.started > self._settings.similar_window_seconds:
            similar = self._similar[group] = _Similar(now)
        if draft.message in similar.messages:
            return draft
        if len(similar.messages) < self._settings.similar_limit:
            similar.messages.add(draft.message)
            return draft
        if similar.combined is None:
            similar.combined = _Draft(*group, _cut(f"(combined from similar events) {draft.message}"))
        return similar.combined

    def _bucket(self, regarding: ObjectReference, reason: str) -> TokenBucket:
        """One for each reason: what comes often must not use up the room of what comes once."""
        key = (regarding, reason)
        bucket = self._buckets.get(key)
        if bucket is None:
            rate = 1.0 / self._settings.seconds_per_event
            bucket = TokenBucket(rate, self._settings.burst, self._clock)
            self._buckets[key] = bucket
        return bucket


def _namespace(regarding: ObjectReference) -> str:
    """Events about cluster-scoped objects live in "default", where ``kubectl describe`` looks for them."""
    return regarding.namespace or "default"


def _cut(message: str) -> str:
    fits = len(message) <= MAX_MESSAGE_CHARACTERS
    return message if fits else message[: MAX_MESSAGE_CHARACTERS - 1] + "…"
