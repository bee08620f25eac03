"""What a domain may promise beyond its cap: statistics of its draw in figures and in words."""

from __future__ import annotations

from common.api.domain import DomainOversubscription, Oversubscription
from common.models.oversubscription import Promise, derive_promise
from recommender.logic.text import watts
from recommender.model.rises import Seen

LEAST_SAMPLES = 720
"""An hour of five-second steps: before, a tail would be a guess."""
_MILLION = 1_000_000


def oversubscribed(
    spec: Oversubscription, seen: Seen | None, cap_watts: int | None, nameplate_watts: int
) -> DomainOversubscription:
    """Returns what is published; nothing is promised before enough was seen.

    Args:
        spec: How much may be promised, and which probability of a breach is accepted.
        seen: The recent draw.
        cap_watts: In force now; None for none.
        nameplate_watts: Of the nodes in the domain.
    """
    if cap_watts is None:
        return DomainOversubscription(message="no cap is set: there is nothing to oversubscribe")
    known = seen.window.watts if seen else None
    if seen is None or known is None or len(known) < LEAST_SAMPLES:
        count = 0 if known is None else len(known)
        text = f"learning: {count} of {LEAST_SAMPLES} samples; nothing is promised beyond the cap yet"
        return DomainOversubscription(throttle_watts=cap_watts, samples=count, message=text)
    probability = spec.breach_probability_per_million / _MILLION
    promise = derive_promise(
        known, seen.latency_steps, probability, cap_watts=cap_watts, nameplate_watts=nameplate_watts
    )
    if promise is None:
        return DomainOversubscription(throttle_watts=cap_watts, message="too many gaps in the measured draw")
    return _published(spec, promise, seen.latency_seconds, cap_watts, nameplate_watts)


def _published(
    spec: Oversubscription, promise: Promise, latency_seconds: float, cap_watts: int, nameplate_watts: int
) -> DomainOversubscription:
    additional = min(int(promise.additional_watts), cap_watts * spec.max_percent // 100)
    spare = cap_watts + additional - nameplate_watts
    more = f"{watts(spare)} may be added" if spare >= 0 else f"{watts(-spare)} are too many"
    return DomainOversubscription(
        throttle_watts=int(promise.threshold_watts),
        rise_watts=round(promise.rise_watts),
        latency_milliseconds=round(1000 * latency_seconds),
        additional_watts=additional,
        spare_watts=spare,
        samples=promise.samples,
        message=(
            f"nameplates of {watts(cap_watts + additional)} may share {watts(cap_watts)} "
            f"(maxPercent {spec.max_percent}), {watts(nameplate_watts)} do: {more}; throttled at "
            f"{watts(int(promise.threshold_watts))} the draw is over the cap within {latency_seconds:.1f} s "
            f"in at most {spec.breach_probability_per_million} of a million cases"
        ),
    )
