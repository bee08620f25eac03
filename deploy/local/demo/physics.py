"""Whether the cap held, judged on the true draw of the simulated devices.

The rule (docs/design.md, invariant 1): the mean draw over *any* second is at most the cap, but for two
seconds after a cut. The true draw is recorded in slices of 0.1 s, and every window of one second that
the slices allow is looked at, not only those that start on a full second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WINDOW_SECONDS = 1.0
GRACE_AFTER_CUT_SECONDS = 2.0


@dataclass(frozen=True)
class Slice:
    """Mean true draw from ``start`` for ``seconds`` (start on any common clock, in seconds)."""

    start: float
    seconds: float
    watts: float


@dataclass(frozen=True)
class CapStep:
    """From ``since`` on the cap was ``cap_watts``."""

    since: float
    cap_watts: float


@dataclass(frozen=True)
class Verdict:
    """What the record says, in watts and watt-seconds."""

    peak_watts: float
    watt_seconds_over_cap: float
    watt_seconds_over_cap_in_grace: float
    seconds_judged: float


@dataclass(frozen=True)
class Window:
    """One second of the record: its start, its end and its mean draw."""

    start: float
    end: float
    watts: float


def windows(slices: Sequence[Slice]) -> list[Window]:
    """Returns every one-second window that starts with a slice; gaps in the record end a window early.

    A window that the record does not fill to at least nine tenths is left out: its mean would say little.
    """
    found = []
    for first in range(len(slices)):
        seconds = joules = 0.0
        for piece in slices[first:]:
            if piece.start + piece.seconds > slices[first].start + WINDOW_SECONDS + 1e-6:
                break
            seconds += piece.seconds
            joules += piece.watts * piece.seconds
        if seconds >= 0.9 * WINDOW_SECONDS:
            start = slices[first].start
            found.append(Window(start, start + WINDOW_SECONDS, joules / seconds))
    return found


def judge(
    slices: Sequence[Slice], caps: Sequence[CapStep], ready: float, until: float = float("inf")
) -> Verdict:
    """Judges the record from ``ready`` until the caps were taken away, against the caps in force.

    Each window is held to the highest cap that was in force while it lasted (a raise counts at once, a cut
    counts for windows that begin after it). Excess in windows that begin within two seconds after a cut is
    counted apart. Watt-seconds are excess times the distance to the next window, so that overlapping
    windows do not count the same second ten times.
    """
    judged = [window for window in windows(slices) if window.start >= ready and window.end <= until]
    over = grace = seconds = 0.0
    for window, following in pairwise(judged):
        step = following.start - window.start
        seconds += step
        excess = max(0.0, window.watts - _cap_over(caps, window)) * step
        if _in_grace(caps, window):
            grace += excess
        else:
            over += excess
    peak = max((window.watts for window in judged), default=0.0)
    return Verdict(round(peak, 1), round(over, 3), round(grace, 3), round(seconds, 1))


def cap_at(caps: Sequence[CapStep], moment: float) -> float:
    """Returns the cap in force at a moment (infinite before the first)."""
    in_force = [step.cap_watts for step in caps if step.since <= moment]
    return in_force[-1] if in_force else float("inf")


def _cap_over(caps: Sequence[CapStep], window: Window) -> float:
    later = [step.cap_watts for step in caps if window.start < step.since < window.end]
    return max([cap_at(caps, window.start), *later])


def _in_grace(caps: Sequence[CapStep], window: Window) -> bool:
    return any(
        new.cap_watts < old.cap_watts and new.since <= window.start < new.since + GRACE_AFTER_CUT_SECONDS
        for old, new in pairwise(caps)
    )
