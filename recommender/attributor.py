"""From the last reading to what telemetry says: which rows are fresh, whose watts, who holds which GPU."""

from __future__ import annotations

from datetime import datetime

from common.telemetry.freshness import Freshness
from common.telemetry.reading import Reading
from common.telemetry.table import PowerTable
from recommender.input.meter import PowerMeter
from recommender.logic.attribute import attribute
from recommender.logic.boards import view_boards
from recommender.model.departed import Departed
from recommender.model.draws import Draws
from recommender.model.last_known import LastKnown
from recommender.model.telemetry import TelemetryState
from recommender.model.world import World
from recommender.output.metrics import RecommenderMetrics


class Attributor:
    """Attributes readings, and remembers between them who was heard, who ran and who held what."""

    def __init__(self, meter: PowerMeter, metrics: RecommenderMetrics) -> None:
        self._meter = meter
        self._metrics = metrics
        self._freshness = Freshness(meter.dialects)
        self._reading: Reading | None = None
        self._departed = Departed()
        self._last_known = LastKnown()

    def attribute(self, world: World, now: datetime) -> tuple[TelemetryState, bool]:
        """Returns what telemetry says now, and whether there is a new reading."""
        reading, at = self._meter.last, now.timestamp()
        if reading is None:
            return TelemetryState(problem=self._meter.problem, origin=self._meter.origin), False
        is_new, self._reading = reading is not self._reading, reading
        self._metrics.telemetry_age.set(at - reading.at)
        table = self._freshness.fresh(reading, at)
        draws = self._draws(table, world, reading, at)
        known = self._last_known.take(draws, world.pods)
        state = TelemetryState(
            at=reading.at,
            draws=draws,
            known=known,
            boards=view_boards(known, world.nodes),
            sources=reading.sources,
            silences=tuple(self._freshness.silences(at, world.nodes)),
            problem="" if len(table) else self._meter.problem,
            notes=_notes(reading),
            origin=self._meter.origin,
        )
        self._metrics.count_nodes(draws, len(world.nodes))
        self._metrics.telemetry_notes.set(len(state.notes))
        return state, is_new

    def _draws(self, table: PowerTable, world: World, reading: Reading, at: float) -> Draws:
        ended = self._departed.note(world.pods, at)
        windows = {dialect.name: dialect.window_seconds for dialect in self._meter.dialects}
        return attribute(table, world.pods, windows, nodes=world.nodes, ended=ended, at=reading.at)


def _notes(reading: Reading) -> tuple[str, ...]:
    dropped = tuple(f"{count} impossible values of {source} dropped" for source, count in reading.impossible)
    return (*reading.notes, *dropped)
