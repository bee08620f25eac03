"""From the bytes of a review of our own kinds to the bytes of its answer, out of memory alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from admission.metrics import AdmissionMetrics
from admission.review import MalformedReview
from admission.validation.domains import check_domain
from admission.validation.policies import check_policy
from admission.validation.review import ValidationRequest, decode_validation, encode_verdict
from admission.validation.verdict import Verdict
from common.api.domain import POWER_DOMAINS, PowerDomain
from common.api.meta import KubeObject
from common.api.policy import POLICIES, PowerCappingPolicy

log = logging.getLogger(__name__)

O = TypeVar("O", bound=KubeObject)  # noqa: E741 - one letter, as type variables are here

_NOTHING: Final = Verdict()


@dataclass(frozen=True)
class Surroundings:
    """What objects are judged among, kept current by informers.

    Attributes:
        policies: All policies.
        policies_of: Those of a namespace.
        domains: All domains.
        node_labels: Labels of all nodes, by name.
        synced: Whether all of it has been seen in full.
    """

    policies: Callable[[], Iterable[PowerCappingPolicy]]
    policies_of: Callable[[str], Iterable[PowerCappingPolicy]]
    domains: Callable[[], Iterable[PowerDomain]]
    node_labels: Callable[[], Mapping[str, Mapping[str, str]]]
    synced: Callable[[], bool]


class Validator:
    """Answers reviews; what cannot be judged is allowed, and counted."""

    def __init__(self, surroundings: Surroundings, metrics: AdmissionMetrics) -> None:
        self._around = surroundings
        self._metrics = metrics

    def answer(self, body: bytes) -> bytes:
        """Returns the answer to a review; never raises."""
        try:
            request = decode_validation(body)
        except MalformedReview as error:
            self._count("malformed")
            log.warning("review malformed", extra={"error": str(error)})
            warning = f"climatik: the review could not be read: {error}"
            return encode_verdict(error.uid, Verdict(warnings=(warning,)))
        try:
            verdict = self._judged(request)
        except Exception:
            self._count("error")
            log.exception("validation failed", extra={"object": f"{request.namespace}/{request.name}"})
            verdict = Verdict(warnings=("climatik: an internal error; the object was not looked at",))
        else:
            self._count("refused" if verdict.refusals else "warned" if verdict.warnings else "accepted")
        if verdict.refusals:
            self._log(request, verdict)
        return encode_verdict(request.uid, verdict)

    def _judged(self, request: ValidationRequest) -> Verdict:
        if request.resource.group != POLICIES.group or request.sub_resource or not self._around.synced():
            return _NOTHING
        if request.resource.resource == POLICIES.plural:
            return _change(request, PowerCappingPolicy, self._policy)
        if request.resource.resource == POWER_DOMAINS.plural:
            return _change(request, PowerDomain, self._domain)
        return _NOTHING

    def _policy(self, policy: PowerCappingPolicy) -> Verdict:
        around = self._around
        return check_policy(policy, around.policies_of(policy.namespace), around.policies(), around.domains())

    def _domain(self, domain: PowerDomain) -> Verdict:
        around = self._around
        return check_domain(domain, around.domains(), around.node_labels(), around.policies())

    def _log(self, request: ValidationRequest, verdict: Verdict) -> None:
        log.info(
            "object refused",
            extra={
                "resource": request.resource.resource,
                "object": f"{request.namespace}/{request.name}".lstrip("/"),
                "why": "; ".join(verdict.refusals),
            },
        )

    def _count(self, result: str) -> None:
        self._metrics.validations.labels(result).inc()


def _change(request: ValidationRequest, kind: type[O], judge: Callable[[O], Verdict]) -> Verdict:
    """Judges what a request changes; whatever leaves the spec as it is (finalizers, labels) passes."""
    new = _read(request.object, kind)
    if new is None or new.metadata.deletion_timestamp:
        return _NOTHING
    old = _read(request.old_object, kind)
    if old is None:
        return judge(new)
    if getattr(old, "spec", None) == getattr(new, "spec", None):
        return _NOTHING
    return judge(new).forgiving(judge(old))


def _read(raw: msgspec.Raw, kind: type[O]) -> O | None:
    """Decodes an object; one that the schema will refuse is the schema's to refuse."""
    try:
        return msgspec.json.decode(raw, type=kind | None)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
