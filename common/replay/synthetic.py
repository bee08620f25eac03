"""A scenario out of thin air, for where no recording is at hand: round figures, everything seeded."""

from __future__ import annotations

import numpy as np

from common.replay.load import LoadShape, Trace
from common.replay.profile import ServingProfile
from common.replay.scenario import Scenario

_PROFILE = ServingProfile(
    model="synthetic",
    prompt_tokens=np.array([128.0, 1024.0, 4096.0]),
    prompt_seconds=np.array([0.08, 0.3, 1.3]),
    prompt_draw=np.array([0.7, 1.0, 1.0]),
    batches=np.array([1.0, 16.0, 64.0]),
    token_seconds=np.array([0.05, 0.06, 0.1]),
    token_draw=np.array([0.63, 0.65, 0.66]),
)
_RAMP = np.array([0.0, 0.4, 0.9, 1.0])
_REQUESTS_PER_SECOND = 5.0
_SWING = 0.35
_SWING_SECONDS = 2400.0


def synthetic_scenario(minutes: float, seed: int = 0) -> Scenario:
    """Returns a row that serves a large model: Poisson arrivals that swell and ebb, log-normal sizes.

    Args:
        minutes: How long the trace is.
        seed: Of the trace; replays thin and shift it by seeds of their own.
    """
    random = np.random.default_rng(seed)
    span = 60.0 * minutes
    at = np.sort(random.uniform(0.0, span, random.poisson(_REQUESTS_PER_SECOND * (1 + _SWING) * span)))
    swell = 1.0 + _SWING * np.sin(2 * np.pi * at / _SWING_SECONDS)
    at = at[random.random(len(at)) < swell / (1.0 + _SWING)]
    return Scenario(
        trace=Trace(
            seconds=at - at[0],
            prompt_tokens=np.clip(random.lognormal(6.7, 0.8, len(at)), 16, 8192).round(),
            output_tokens=np.clip(random.lognormal(4.9, 0.9, len(at)), 1, 1024).round(),
        ),
        profile=_PROFILE,
        ramp=_RAMP,
        shape=LoadShape(requests_per_second=0.15),
    )
