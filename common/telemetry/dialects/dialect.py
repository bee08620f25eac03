"""What a dialect has to say: which series reveal it, what to ask for, and what the labels mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from common.telemetry.columns import Labels
from common.telemetry.table import Place


@dataclass(frozen=True)
class Family:
    """One whole-cluster question.

    Attributes:
        series: Name of the series, by which its presence is detected.
        selector: The plain selector whose samples it is about (no functions: their age is asked for too).
        place: What a label set is about; None for a row that must not be counted.
        watts_per_unit: Factor from the expression's unit to watts.
        expression: What gives the values; empty for the selector itself. Its label sets, but for the name,
            are among those of ``taken``.
        taken: What gives the Unix times of the samples; empty for ``timestamp(selector)``.
        detail: True for what only a finer view than nodes, GPUs and pods needs; asked for on demand.
        factor: A factor besides, which depends on the labels.
        counter: Whether the value is the rate of the series (what ``expression`` says to Prometheus).
        unless: Series that are better where a GPU has them (the same).
    """

    series: str
    selector: str
    place: Callable[[Labels], Place | None]
    watts_per_unit: float = 1.0
    expression: str = ""
    taken: str = ""
    detail: bool = False
    factor: Callable[[Labels], float] | None = None
    counter: bool = False
    unless: tuple[str, ...] = ()

    @property
    def questions(self) -> tuple[str, str]:
        """The expressions of the values and of the times at which they were taken."""
        return self.expression or self.selector, self.taken or f"timestamp({self.selector})"


class Dialect(Protocol):
    """A source of power readings as it is found in Prometheus."""

    @property
    def name(self) -> str:
        """Short name, shown in conditions and in the source column."""
        ...

    @property
    def age_limit_seconds(self) -> float:
        """Older samples are not used."""
        ...

    @property
    def window_seconds(self) -> float:
        """How long a time before the sample its watts are the mean of."""
        ...

    @property
    def remedy(self) -> str:
        """What to look at when the source has gone silent."""
        ...

    @property
    def reveals(self) -> tuple[str, ...]:
        """Names of series, any of which shows that the source is there."""
        ...

    @property
    def beside(self) -> tuple[str, ...]:
        """Names of series that add to the others, and alone reveal nothing."""
        ...

    def families(self, present: frozenset[str]) -> Sequence[Family]:
        """Returns the questions that make sense given the series that are there, none counted twice."""
        ...


def first_label(labels: Labels, *names: str) -> str:
    """Returns the first of several spellings of a label that has a value."""
    return next((labels[name] for name in names if labels.get(name)), "")
