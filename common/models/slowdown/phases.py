"""How the two phases of inference answer to clocks and to watts.

A prompt is arithmetic: its time goes with one over the clock. Decode waits for memory: of a step only a share
goes with the clock. So a clock that keeps decode within some slowdown is far lower than one that keeps
prompts within it. Watt limits act through the clock; decode that draws less than the limit never feels it.
"""

from __future__ import annotations

from dataclasses import dataclass

PREFILL = "Prefill"
DECODE = "Decode"

_DECODE_CLOCK_SHARE = 0.35
"""Of the time of a decode step that goes with the clock: kernels' launches and arithmetic of the batch."""
_DECODE_CLOCK_SHARES = (0.15, 0.7)
_STATIC_SHARE = 0.4
"""Of the draw in decode that the clock does not change: memory and leakage."""
_DECODE_ONLY_RATIO = 0.02
"""Prompt tokens per generated one, under which a server decodes what others have prefilled."""


@dataclass(frozen=True)
class ClockFloor:
    """The lowest clock as a share of the highest, with the ends of an interval."""

    share: float
    lower: float
    upper: float


def phase_of(prompt_per_second: float, generated_per_second: float) -> str:
    """Returns the phase that a slowdown is felt in first: prefill, unless the server only decodes."""
    decodes = generated_per_second > 0 and prompt_per_second < _DECODE_ONLY_RATIO * generated_per_second
    return DECODE if decodes else PREFILL


def clock_at_slowdown(phase: str, slowdown: float) -> ClockFloor:
    """Returns the clock at which a phase is slower by some share (0.05 for five percent; at least 0)."""
    if phase == PREFILL:
        share = 1.0 / (1.0 + slowdown)
        return ClockFloor(share, share, share)
    low, high = (_decode_clock(bound, slowdown) for bound in _DECODE_CLOCK_SHARES)
    return ClockFloor(_decode_clock(_DECODE_CLOCK_SHARE, slowdown), low, high)


def decode_watts(draw_watts: float, clock_share: float) -> float:
    """Returns the draw of decode at a clock, as a share of the highest one."""
    return draw_watts * (_STATIC_SHARE + (1.0 - _STATIC_SHARE) * clock_share * clock_share)


def _decode_clock(clock_part: float, slowdown: float) -> float:
    """Solves ``clock_part / share + 1 - clock_part = 1 + slowdown`` for the share."""
    return clock_part / (clock_part + slowdown)
