"""What is asked of each service through a day: recorded rates with the bursts of recorded requests.

Rates are those of ServeGen's windows of ten minutes, a straight line from the middle of one to that of the
next. Within them they swell and ebb as the requests of the Azure trace do against their own ten minutes, read
from a place that the seed names; what arrives in a step is Poisson.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import servegen
from benchmarks.registry import Skipped
from common.models.forecast import mask_gaps
from common.replay.load import Trace
from common.replay.profile import Floats

WINDOW_SECONDS = 600.0
DAY_WINDOWS = 144
FIT_DAYS = 7
_SECOND_SHIFT = 48
"""The third service sees the load of the second eight hours later: users of another continent."""


def read_rates(folder: Path) -> Floats:
    """Returns the relative load of three services, shape (3, windows), the mean of the fitted days being 1.

    Gaps of the recordings are bridged by straight lines.

    Raises:
        Skipped: There are not two recordings of more than a week.
    """
    series = [_whole(servegen.read_rates(path)) for path in servegen.recordings(folder)[:2]]
    if len(series) < 2 or min(map(len, series)) < (FIT_DAYS + 1) * DAY_WINDOWS:
        raise Skipped(
            f"needs two {servegen.PATTERN} of at least {FIT_DAYS + 1} days under {folder}: pass --data"
        )
    length = min(map(len, series))
    first, second = (each[:length] for each in series)
    table = np.stack([first, second, np.roll(second, _SECOND_SHIFT)])
    return np.asarray(table / table[:, : FIT_DAYS * DAY_WINDOWS].mean(axis=1, keepdims=True))


def _whole(values: Floats) -> Floats:
    known = mask_gaps(values[None])[0]
    at = np.arange(len(known))
    seen = np.isfinite(known)
    return np.asarray(np.interp(at, at[seen], known[seen]))


def bursts(trace: Trace, dt: float) -> Floats:
    """Returns how the requests of a trace swell and ebb, step by step, the mean of ten minutes being 1."""
    counts = np.bincount((trace.seconds // dt).astype(int)).astype(np.float64)[:-1]  # the last is in part
    near, far = (np.ones(round(seconds / dt)) for seconds in (30.0, WINDOW_SECONDS))
    smooth, usual = (
        np.convolve(counts, window, "same") / np.convolve(np.ones_like(counts), window, "same")
        for window in (near, far)
    )
    return np.asarray(smooth / usual)


@dataclass(frozen=True)
class DayLoad:
    """One day with an hour before it.

    Attributes:
        history: Mean requests per second of each window up to the hour before the day, shape
            (services, windows).
        windows: The same of that hour and the day.
        arrivals: Requests in each step of that hour and the day, shape (services, steps).
        dt: Length of a step in seconds.
    """

    history: Floats
    windows: Floats
    arrivals: Floats
    dt: float


WARM_WINDOWS = 6
"""The hour before midnight fills queues and tells controllers something; it is not judged."""


def draw_day(
    rates: Floats, scale: Sequence[float], day: int, burst: Floats, random: np.random.Generator, dt: float
) -> DayLoad:
    """Returns a day of the recordings with seeded bursts and arrivals.

    Args:
        rates: Relative loads, shape (services, windows).
        scale: Mean requests per second of each service.
        day: Which of the recorded ones.
        burst: Of the trace, step by step.
        random: Draws places in the trace and arrivals.
        dt: Length of a step in seconds.
    """
    windows = rates * np.asarray(scale)[:, None]
    first, last = day * DAY_WINDOWS - WARM_WINDOWS, (day + 1) * DAY_WINDOWS
    steps = round(WINDOW_SECONDS / dt) * (last - first)
    at = first + (np.arange(steps) + 0.5) * dt / WINDOW_SECONDS - 0.5
    mean = np.stack([np.interp(at, np.arange(windows.shape[1]), each) for each in windows])
    places = random.integers(0, len(burst), len(windows))
    swell = np.stack([burst[(place + np.arange(steps)) % len(burst)] for place in places])
    arrivals = random.poisson(mean * swell * dt).astype(np.float64)
    return DayLoad(windows[:, :first], windows[:, first:last], arrivals, dt)
