"""From the bytes of a review to the bytes of its answer, out of memory alone: no call leaves the process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from prometheus_client import Counter

from admission.avoid import NOWHERE, Room
from admission.metrics import AdmissionMetrics
from admission.mutate import Mutation, mutate
from admission.nameplates import Nameplates
from admission.namespaces import PausedNamespaces
from admission.nodes import NodeIndex
from admission.operations import Operation
from admission.pods import annotations_of, labels_of, metadata
from admission.racks import Rack
from admission.review import MalformedReview, ReviewRequest, decode_review, encode_answer
from admission.steer import steer
from common.api.exempt import is_mirror, is_opted_out
from common.api.places import ANNOTATION_PLACES, read_places
from common.api.policy import PowerCappingPolicy
from common.clock import Clock, SystemClock
from common.webhook.matching import PolicyIndex

log = logging.getLogger(__name__)

MALFORMED: Final = "malformed"
ERROR: Final = "error"
NOT_SYNCED: Final = "not-synced"
NOT_A_POD: Final = "not-a-pod"
OPTED_OUT: Final = "opted-out"
PAUSED: Final = "paused"
UNMATCHED: Final = "unmatched"


@dataclass(frozen=True)
class Knowledge:
    """What decisions are made from, kept current by informers.

    Attributes:
        policies: Policies that act on admission.
        nodes: What nodes offer.
        paused: Namespaces where nothing may be acted on.
        nameplates: What unmeasured hardware is taken to draw.
        synced: Whether all of them have been seen in full.
        racks: What racks report; missing ones steer no pod.
    """

    policies: PolicyIndex
    nodes: NodeIndex
    paused: PausedNamespaces
    nameplates: Nameplates
    synced: Callable[[], bool]
    racks: Callable[[], Sequence[Rack]] = tuple


class Reviewer:
    """Answers reviews; whatever goes wrong, the pod is allowed and the failure is counted."""

    def __init__(
        self,
        knowledge: Knowledge,
        metrics: AdmissionMetrics,
        *,
        dry_run: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._knowledge = knowledge
        self._metrics = metrics
        self._dry_run = dry_run
        self._counters: dict[str, Counter] = {}

    def answer(self, body: bytes) -> bytes:
        """Returns the answer to a review; never raises."""
        try:
            request = decode_review(body)
        except MalformedReview as error:
            self._count(MALFORMED)
            log.warning("review malformed", extra={"error": str(error)})
            return encode_answer(error.uid, warnings=[f"climatik: the review could not be read: {error}"])
        try:
            return self._answer(request)
        except Exception:
            self._count(ERROR)
            log.exception("review failed", extra={"namespace": request.namespace})
            return encode_answer(
                request.uid, warnings=["climatik: an internal error; the pod is left as it is"]
            )

    def _answer(self, request: ReviewRequest) -> bytes:
        pod = request.object
        if pod is None or not request.creates_pod:
            return self._untouched(request, NOT_A_POD)
        annotations, labels = annotations_of(pod), labels_of(pod)
        if is_opted_out(annotations, labels) or is_mirror(annotations):
            return self._untouched(request, OPTED_OUT)
        if not self._knowledge.synced():
            return self._untouched(request, NOT_SYNCED)
        if request.namespace in self._knowledge.paused:
            return self._untouched(request, PAUSED)
        policy = self._knowledge.policies.match(request.namespace, labels)
        if policy is None:
            return self._untouched(request, UNMATCHED)
        return self._mutated(request, pod, policy)

    def _untouched(self, request: ReviewRequest, result: str) -> bytes:
        self._count(result)
        return encode_answer(request.uid)

    def _mutated(self, request: ReviewRequest, pod: dict[str, Any], policy: PowerCappingPolicy) -> bytes:
        known = self._knowledge
        led = self._led(pod, policy)
        racks = () if led else known.racks()
        room = Room(racks, known.nodes.left) if racks else NOWHERE
        mutation = mutate(pod, policy, known.nodes.offer_to(pod), known.nameplates, room)
        self._count(mutation.outcome)
        if mutation.operations and not request.dry_run:
            self._metrics.reserved_watts.inc(mutation.watts)
        self._log(request, pod, policy, mutation)
        return encode_answer(request.uid, [] if self._dry_run else mutation.operations + led)

    def _led(self, pod: dict[str, Any], policy: PowerCappingPolicy) -> list[Operation]:
        """Leads a pod to the place that is held for it; nearly no policy holds any."""
        if ANNOTATION_PLACES not in policy.metadata.annotations:
            return []
        return steer(pod, read_places(policy).values(), self._clock.now())

    def _log(
        self, request: ReviewRequest, pod: dict[str, Any], policy: PowerCappingPolicy, mutation: Mutation
    ) -> None:
        """Says what was done: at debug, as a line costs a third of a review, and the pod itself tells."""
        level = logging.INFO if self._dry_run else logging.DEBUG
        if not log.isEnabledFor(level):
            return
        name = request.name or metadata(pod).get("name") or metadata(pod).get("generateName", "")
        log.log(
            level,
            "pod reviewed, not changed (dry run)" if self._dry_run else "pod reviewed",
            extra={
                "namespace": request.namespace,
                "pod": name,
                "policy": policy.name,
                "outcome": str(mutation.outcome),
                "watts": mutation.watts,
                "operations": len(mutation.operations),
            },
        )

    def _count(self, result: str) -> None:
        counter = self._counters.get(result)
        if counter is None:
            counter = self._counters[result] = self._metrics.requests.labels(result)
        counter.inc()
