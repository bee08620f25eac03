"""What the slowdown model answers, as text."""

from __future__ import annotations

import numpy as np

from climatik.slowdown.question import Question
from common.models.slowdown.generic import generic_model
from common.models.slowdown.inverse import watts_at_slowdown
from common.models.slowdown.model import SlowdownEstimate, SlowdownModel

_LEAST_SWEEPS = 2
"""With fewer nothing is known of how workloads differ."""


def answer(question: Question, share: float | None) -> list[str]:
    """Returns the lines to print.

    Args:
        question: What is asked.
        share: The slowdown to stay within, as 0.05 for five percent; None for the whole curve.
    """
    sweeps = [sweep for one in question.others if (sweep := one.sweep) is not None]
    known = len(sweeps) >= _LEAST_SWEEPS
    model = SlowdownModel(sweeps) if known else generic_model(round(max(question.limits)))
    limits = np.unique(np.array([*question.limits, *question.probes]))
    estimate = model.estimate(limits, question.draw_watts, question.probes or None)
    like = f"{len(sweeps)} measured workloads" if known else "what GPUs do in general"
    own = f"{len(question.probes)} probes of its own and " if question.probes else ""
    return [f"from {own}{like}", *(_curve(estimate) if share is None else [_watts(estimate, share)])]


def _curve(estimate: SlowdownEstimate) -> list[str]:
    unlimited = estimate.expected[-1]
    rows = [f"{'limit W':>8}  {'slower %':>8}  {'from':>6}  {'to':>6}  (90 % interval)"]
    for limit, *ends in zip(
        estimate.limits_watts, estimate.expected, estimate.lower, estimate.upper, strict=True
    ):
        slower = [f"{100 * max(0.0, end / unlimited - 1):.1f}" for end in ends]
        rows.append(f"{limit:8.0f}  {slower[0]:>8}  {slower[1]:>6}  {slower[2]:>6}")
    return rows


def _watts(estimate: SlowdownEstimate, share: float) -> str:
    found = watts_at_slowdown(estimate, share)
    return (
        f"at most {100 * share:g} % slower from {found.watts:.0f} W on"
        f" (90 % interval {found.lower:.0f} to {found.upper:.0f} W)"
    )
