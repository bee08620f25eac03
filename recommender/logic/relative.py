"""The cap of a policy: watts as written, or a percentage of what was drawn before."""

from __future__ import annotations

from dataclasses import dataclass

from common.api.policy import PolicySpec
from recommender.logic.text import watts

OF_PEAK = "Peak"


@dataclass(frozen=True)
class CapHistory:
    """What a policy's pods drew over its window.

    Attributes:
        peak_watts: The highest mean over a step.
        average_watts: The mean over the time that is covered.
        covered_seconds: How much of the window has samples.
    """

    peak_watts: float
    average_watts: float
    covered_seconds: float


@dataclass(frozen=True)
class EffectiveCap:
    """The cap in watts with its derivation, or None with the reason."""

    watts: int | None
    derivation: str


def effective_cap(spec: PolicySpec, history: CapHistory | None) -> EffectiveCap:
    """Returns the cap that a policy sets now."""
    if spec.power_cap_limit is not None:
        return EffectiveCap(spec.power_cap_limit, "spec.powerCapLimit")
    relative = spec.relative_cap
    if relative is None:
        return EffectiveCap(None, "set spec.powerCapLimit (watts) or spec.relativeCap (percent of history)")
    if history is None:
        return EffectiveCap(
            None,
            "spec.relativeCap needs the history of climatik_policy_watts: let Prometheus scrape the"
            " recommender, or set spec.powerCapLimit until there is some",
        )
    base = history.peak_watts if relative.of == OF_PEAK else history.average_watts
    covered = f"{history.covered_seconds / 3600:.1f} h of history"
    derivation = f"{relative.percent} % of the {relative.of.lower()} {watts(base)} in {covered}"
    return EffectiveCap(int(base * relative.percent / 100), derivation)
