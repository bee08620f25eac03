"""What telemetry says now, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from common.telemetry.freshness import Silence
from recommender.model.board import Board
from recommender.model.draws import Draws


@dataclass(frozen=True)
class TelemetryState:
    """The outcome of the last reading.

    Attributes:
        at: Unix seconds of the reading; 0 before the first one.
        draws: From fresh rows only.
        known: Draws as last seen; of these only who holds which GPU is used once they are stale.
        boards: Every GPU of ``known``, by UUID.
        sources: Dialects found.
        silences: Sources that have gone silent, by node.
        problem: Why nothing could be read at all, and the remedy; empty when something was.
        notes: Warnings of the server and impossible values.
        origin: How power is read, where that is not by a Prometheus.
    """

    at: float = 0.0
    draws: Draws = field(default_factory=Draws)
    known: Draws = field(default_factory=Draws)
    boards: Mapping[str, Board] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    silences: tuple[Silence, ...] = ()
    problem: str = "power has not been read yet"
    notes: tuple[str, ...] = ()
    origin: str = ""
