"""Many series by name: what each may do within minutes, and what is expected of it within hours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import numpy as np

from common.models.ahead.daily import Ahead, Batch
from common.models.ahead.past import SeriesPast
from common.models.ahead.record import SeriesRecord
from common.models.ahead.ring import Ring
from common.models.ahead.rises import CalibratedRises
from common.models.ahead.rows import Array, Indices, Rows
from common.models.ahead.settings import AheadSettings
from common.models.ahead.skill import SkillBook
from common.models.outlook import CALIBRATED, MODELLED, Forecaster, Outlook
from common.models.recent_rises import RecentRises

_SHARE_OF_CHANGE = 0.5  # the peak is told for five minutes, the shortest median of the model for ten


def kind_of(series: str) -> str:
    """Returns what a series measures: the part of its name before the first slash."""
    return series.partition("/")[0]


class SeriesForecaster:
    """Knows every series by its recent rises, and chosen ones better.

    ``observe`` and ``outlook`` are quick. ``work`` is not: it fits and advances models, one batch a call,
    and is meant for a thread beside; all three may be called at the same time.

    Args:
        settings: What is remembered.
        modelled: Which series are worth more than their recent rises.
        lock: Held while shared state is touched; must be one that the same thread can take again.
    """

    def __init__(
        self,
        settings: AheadSettings | None = None,
        modelled: Callable[[str], bool] = lambda series: True,
        lock: AbstractContextManager[object] | None = None,
    ) -> None:
        self.settings = settings or AheadSettings()
        self.skill = SkillBook()
        self.rows = Rows()
        self.ring = Ring(self.settings)
        self.rises = CalibratedRises(self.settings)
        self._modelled = modelled
        self._recent: Forecaster = RecentRises()
        self._centre: Array = np.zeros(0)
        self._heard: dict[str, float] = {}
        self._batches: list[Batch] = []
        self._ahead: dict[str, Ahead] = {}
        self._tried: dict[str, float] = {}
        self._looked_at: int | None = None
        self._faded_at = 0
        self._lock = lock or nullcontext()

    def observe(self, at: float, watts: Mapping[str, float]) -> None:
        """Takes the values of all series at a Unix time; a series that is absent, or at zero, has a gap.

        Nothing that runs draws nothing: a zero is a reading that failed, and the rise after it none.
        """
        known = {name: value for name, value in watts.items() if value > 0}
        self._recent.observe(at, known)
        chosen = {name: value for name, value in known.items() if self._modelled(name)}
        with self._lock:
            rows = self._rows(chosen)
            values = np.fromiter(chosen.values(), dtype=np.float64, count=len(chosen))
            self._heard.update(dict.fromkeys(chosen, at))
            self.rises.observe(at, rows, values, self._centre)
            if self.ring.observe(at, rows, values):
                self._forget_silent(at)

    def outlook(self, series: str) -> Outlook | None:
        """Returns what may come within minutes; None for a series never seen or long gone."""
        recent = self._recent.outlook(series)
        with self._lock:
            row = self.rows.find(series)
            if recent is None or row is None or recent.level_watts <= 0:
                return recent
            return self._calibrated(recent, series, row)

    def ahead(self, series: str) -> Ahead | None:
        """Returns what is expected within hours; None without two days of history."""
        return self._ahead.get(series)

    def load(self, past: SeriesPast) -> None:
        """Takes a recorded past; what was observed since stays."""
        with self._lock:
            rows = self._rows(dict.fromkeys(past.names, 1.0))
            self.ring.load(rows, past.end, past.means)
            new = self.rises.book.counts(rows) < self.settings.least_scores
            self.rises.learn_past(rows[new], past.levels[new], past.peaks[new])
            for name in past.names:
                self._heard.setdefault(name, past.end)

    def records(self) -> list[SeriesRecord]:
        """Returns what is known of every series that is modelled."""
        with self._lock:
            last = self.ring.last
            places = [(name, self.rows.find(name)) for name in self.rows.names]
            return [
                self._record(name, row, last) for name, row in places if row is not None and last is not None
            ]

    def restore(self, record: SeriesRecord) -> None:
        """Takes a series from a checkpoint; one that is known already stays as it is."""
        with self._lock:
            if self.rows.find(record.name) is not None:
                return
            end = (record.last_column + 1) * self.settings.column_seconds
            rows = self._rows({record.name: 1.0})
            self.ring.load(rows, end, record.means[None, :])
            self.rises.restore(int(rows[0]), record.scores, record.restless, record.aim)
            self._heard[record.name] = end

    def _record(self, name: str, row: int, last: int) -> SeriesRecord:
        rises = self.rises
        restless = (float(rises.fast[row]), float(rises.slow[row]))
        means = self.ring.means[row].astype(np.float64)
        return SeriesRecord(
            name, last, means, rises.book.weights[row].copy(), restless, float(rises.aim[row])
        )

    def work(self, at: float) -> bool:
        """Advances or fits one batch; whether there was anything to do."""
        with self._lock:
            until = self.ring.steps_until(self.settings.model_columns)
            behind = next((batch for batch in self._batches if batch.next_step < until), None)
            steps = self._missed(behind, until) if behind else np.zeros((0, 0))
            names = self._choose(at, until) if behind is None else []
            history = self._history(names)
        if behind is not None:
            self._advance(behind, steps)
        elif names:
            self._fit(names, history, until, at)
        return behind is not None or bool(names)

    def _advance(self, batch: Batch, steps: Array) -> None:
        with self._lock:  # one that fails is not tried again, but fitted anew a day later
            self._batches = [one for one in self._batches if one is not batch]
            self._tried.update(dict.fromkeys(batch.names, batch.fitted_at))
        for column in steps.T:
            if batch.next_step > self._faded_at:  # once per step, whichever batch comes first
                self.skill.fade()
                self._faded_at = batch.next_step
            batch.take(column, self.skill)
        with self._lock:
            self._batches.append(batch)
        self._publish(batch)

    def _fit(self, names: list[str], history: Array, until: int, at: float) -> None:
        self._tried.update(dict.fromkeys(names, at))
        made = Batch(names, kind_of(names[0]), history, until - history.shape[1], at)
        with self._lock:
            fresh = set(names)
            self._batches = [batch for batch in self._batches if fresh.isdisjoint(batch.names)] + [made]
        self._publish(made)

    def _calibrated(self, recent: Outlook, series: str, row: int) -> Outlook:
        centre = float(self._centre[row])
        spread = self.rises.spread(row, max(centre, 0.0))
        if spread.scores < self.settings.least_scores:
            return recent
        level, modelled = recent.level_watts, series in self._ahead
        return replace(
            recent,
            median_watts=level * float(np.exp(centre)) if modelled else recent.median_watts,
            peaks=level * spread.ratios,
            span_seconds=max(recent.span_seconds, spread.scores * self.settings.spacing_seconds),
            calibrated_upper_watts=level * spread.upper_ratio,
            basis=MODELLED if modelled else CALIBRATED,
        )

    def _rows(self, names: Mapping[str, float]) -> Indices:
        rows = self.rows.of(names)
        if self.rows.size > len(self._centre):
            self.ring.grow(self.rows.size)
            self.rises.grow(self.rows.size)
            self._centre = np.concatenate([self._centre, np.zeros(self.rows.size - len(self._centre))])
        return rows

    def _forget_silent(self, at: float) -> None:
        silent = [name for name, last in self._heard.items() if at - last > self.settings.kept_seconds]
        for name in silent:
            row = self.rows.find(name)
            if row is not None:
                self.ring.clear(row)
                self.rises.clear(row)
                self._centre[row] = 0.0
                self.rows.give_back(name)
            del self._heard[name]
            self._ahead.pop(name, None)
            self._tried.pop(name, None)
        self._batches = [batch for batch in self._batches if self._alive(batch)]

    def _alive(self, batch: Batch) -> list[str]:
        """Returns the series of a batch that are not forgotten."""
        return [name for name in batch.names if self.rows.find(name) is not None]

    def _missed(self, batch: Batch, until: int) -> Array:
        """Returns the steps that a batch has not taken yet, shape (series, steps)."""
        rows = [self.rows.find(name) for name in batch.names]
        alive = [place for place, row in enumerate(rows) if row is not None]
        known = np.array([rows[place] for place in alive], dtype=np.int64)
        steps = self.ring.steps(known, self.settings.model_columns, until - batch.next_step)
        missed: Array = np.full((len(rows), steps.shape[1]), np.nan)
        missed[alive] = steps
        batch.next_step = until - steps.shape[1]
        return missed

    def _choose(self, at: float, until: int) -> list[str]:
        """Returns the series to be fitted next: those of a batch that is old, else new ones of one kind.

        New series are looked for once per step: nobody's history grows faster.
        """
        for batch in self._batches:
            alive = self._alive(batch)
            tried_at = max([batch.fitted_at, *(self._tried.get(name, 0.0) for name in alive)])
            if at - tried_at >= self.settings.refit_seconds and alive:
                return alive
        if self._looked_at == until:
            return []
        fitted = {name for batch in self._batches for name in batch.names}
        patience = self.settings.refit_seconds
        tried = {name for name, last in self._tried.items() if at - last < patience}
        new = [name for name in self.rows.names if name not in fitted and name not in tried]
        known = np.isfinite(self.ring.steps(self.rows.of(new), self.settings.model_columns)).sum(axis=1)
        ready = [name for name, steps in zip(new, known, strict=True) if steps >= 0.9 * self._least_steps]
        chosen = [name for name in ready if kind_of(name) == kind_of(ready[0])]
        if not chosen:
            self._looked_at = until
        return chosen[: self.settings.batch]

    @property
    def _least_steps(self) -> int:
        return round(
            self.settings.fit_after_seconds / self.settings.column_seconds / self.settings.model_columns
        )

    def _history(self, names: list[str]) -> Array:
        """Returns the steps of series from the first that any of them knows on, at least two days."""
        steps = self.ring.steps(self.rows.of(names), self.settings.model_columns)
        known = np.flatnonzero(np.isfinite(steps).any(axis=0))
        return steps[:, min(int(known[0]), steps.shape[1] - self._least_steps) :] if known.size else steps

    def _publish(self, batch: Batch) -> None:
        with self._lock:
            for name, ahead in batch.ahead().items():
                row = self.rows.find(name)
                if row is not None:
                    self._ahead[name] = ahead
                    self._centre[row] = _SHARE_OF_CHANGE * ahead.log_change
