"""Requests for every server of a row: thinned and shifted copies of one recorded trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.replay.profile import Floats

Indices = NDArray[np.int64]

HIGH, LOW = 1, 0
"""Priorities: the even servers of a row serve high, the odd ones low priority."""
_MOST_TRIES = 4
"""Peers that a request of a server that is down is offered to; then it waits for the last of them."""


@dataclass(frozen=True)
class Trace:
    """Requests of a recording, in order of time; all of equal length.

    Attributes:
        seconds: Since the first one.
        prompt_tokens: Size of each prompt.
        output_tokens: Tokens that each asks for.
    """

    seconds: Floats
    prompt_tokens: Floats
    output_tokens: Floats

    @property
    def span_seconds(self) -> float:
        """How long the recording is."""
        return float(self.seconds[-1])

    def first(self, seconds: float) -> Trace:
        """Returns the requests of the first seconds."""
        kept = self.seconds <= seconds
        return Trace(self.seconds[kept], self.prompt_tokens[kept], self.output_tokens[kept])

    @property
    def rate(self) -> float:
        """Mean requests per second."""
        return len(self.seconds) / self.span_seconds


@dataclass(frozen=True)
class LoadShape:
    """How requests reach the servers.

    Attributes:
        requests_per_second: Mean, for each server.
        shift_seconds: Copies of the trace are shifted by up to this much, either way.
        restarts_per_hour: How often each server is started anew.
        down_seconds: How long that takes; meanwhile its peers serve its requests.
        held_seconds: Requests of the last seconds before it is up wait for it: the step at a start.
    """

    requests_per_second: float
    shift_seconds: float = 60.0
    restarts_per_hour: float = 0.5
    down_seconds: float = 120.0
    held_seconds: float = 10.0


@dataclass(frozen=True)
class Requests:
    """What a row is asked, in order of time; all of equal length but for ``started``.

    Attributes:
        seconds: When each arrives.
        server: Who serves it.
        prompt_tokens: Size of each prompt.
        output_tokens: Tokens that each asks for.
        started: Per server, when it was started (infinite where it never was).
        span_seconds: How long the replay lasts.
    """

    seconds: Floats
    server: Indices
    prompt_tokens: Floats
    output_tokens: Floats
    started: Floats
    span_seconds: float


def priorities(servers: int) -> Indices:
    """Returns the priority of each server of a row: half of them are high."""
    return np.where(np.arange(servers) % 2 == 0, HIGH, LOW)


def deal(trace: Trace, shape: LoadShape, servers: int, seed: int) -> Requests:
    """Deals requests to a row; a server's own requests are the same in a larger row.

    Args:
        trace: The recording that is superposed.
        shape: How much of it each server gets.
        servers: How many there are.
        seed: Of shifts, thinning and restarts.
    """
    streams = [_stream(trace, shape, np.random.default_rng((seed, server))) for server in range(servers)]
    started = np.array([_restart(trace, shape, np.random.default_rng((seed, 1, i))) for i in range(servers)])
    at = np.concatenate([seconds for seconds, _ in streams])
    row = np.concatenate([rows for _, rows in streams])
    server = np.repeat(np.arange(servers), [len(rows) for _, rows in streams])
    server, at = _without_restarting(at, server, started, shape, np.random.default_rng((seed, 2)))
    order = np.argsort(at, kind="stable")
    row = row[order]
    return Requests(
        seconds=at[order],
        server=server[order],
        prompt_tokens=trace.prompt_tokens[row],
        output_tokens=np.maximum(trace.output_tokens[row], 1.0),
        started=started,
        span_seconds=trace.span_seconds,
    )


def _stream(trace: Trace, shape: LoadShape, random: np.random.Generator) -> tuple[Floats, Indices]:
    """Returns times and rows of the trace that one server gets; more than the trace has needs more copies."""
    share = shape.requests_per_second / trace.rate
    copies = max(1, int(np.ceil(share)))
    times: list[Floats] = []
    rows: list[Indices] = []
    for _ in range(copies):
        kept = np.flatnonzero(random.random(len(trace.seconds)) < share / copies)
        shift = random.uniform(-shape.shift_seconds, shape.shift_seconds)
        times.append((trace.seconds[kept] + shift) % trace.span_seconds)
        rows.append(kept)
    return np.concatenate(times), np.concatenate(rows)


def _restart(trace: Trace, shape: LoadShape, random: np.random.Generator) -> float:
    """Returns when a server is up again; infinite where it is not restarted."""
    happens = random.random() < shape.restarts_per_hour * trace.span_seconds / 3600.0
    return random.uniform(shape.down_seconds, trace.span_seconds) if happens else np.inf


def _without_restarting(
    at: Floats, server: Indices, started: Floats, shape: LoadShape, random: np.random.Generator
) -> tuple[Indices, Floats]:
    """Gives requests of a server that is down to a peer of its priority; the last ones wait for it."""
    up = started[server]
    waits = _down(at, up, shape) & (at >= up - shape.held_seconds)
    peers = len(started) // 2
    other = server.copy()
    for _ in range(_MOST_TRIES if peers else 0):
        moved = np.flatnonzero(_down(at, started[other], shape) & ~waits)
        other[moved] = (server[moved] % 2) + 2 * random.integers(0, peers, len(moved))
    late = _down(at, started[other], shape)
    return other, np.where(late, started[other], at)


def _down(at: Floats, up: Floats, shape: LoadShape) -> NDArray[np.bool_]:
    return np.asarray((at >= up - shape.down_seconds) & (at < up))


def ramp_of(steps: Sequence[Floats]) -> Floats:
    """Returns which share of a start's rise is drawn after 0, 1, 2 … seconds, the mean of recordings.

    Args:
        steps: Watts of whole nodes, one sample a second; the steepest rise of each is its start.
    """
    shapes = []
    for watts in steps:
        first = int(np.argmax(watts[2:] - watts[:-2]))
        low, high = float(watts[first]), float(np.median(watts[first + 2 : first + 32]))
        shapes.append(np.clip((watts[first : first + 8] - low) / (high - low), 0.0, 1.0))
    return np.asarray(np.mean(shapes, axis=0))
