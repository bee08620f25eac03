"""What the doctor has seen, before it judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from common.telemetry.columns import Labels


class Row(NamedTuple):
    """One series of an answer."""

    labels: Labels
    value: float


class Target(NamedTuple):
    """What Prometheus scrapes."""

    job: str
    instance: str

    def __str__(self) -> str:
        """Returns job and address, as Prometheus' own pages show them."""
        return f"{self.job} at {self.instance}"


class SummingRule(NamedTuple):
    """A rule of Prometheus."""

    name: str
    expression: str


@dataclass(frozen=True)
class Facts:
    """Answers of one Prometheus at one time.

    Attributes:
        at: Unix seconds here.
        answers: Rows by question.
        ahead: Unix time of the newest sample by target, as seen from ten minutes ahead.
        spacing: Seconds between the samples of the last minutes by target, in order.
        rules: Recording and alerting rules; None where the server does not tell.
        problems: What could not be asked, and why.
    """

    at: float
    answers: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    ahead: Mapping[Target, float] = field(default_factory=dict)
    spacing: Mapping[Target, Sequence[float]] = field(default_factory=dict)
    rules: Sequence[SummingRule] | None = ()
    problems: Sequence[str] = ()

    def rows(self, question: str) -> Sequence[Row]:
        """Returns the rows of an answer; none where nothing was answered."""
        return self.answers.get(question, ())

    def by_target(self, question: str) -> dict[Target, float]:
        """Returns the values of an answer by target."""
        return {target(row.labels): row.value for row in self.rows(question)}


def target(labels: Labels) -> Target:
    """Returns the target of a series."""
    return Target(labels.get("job", ""), labels.get("instance", ""))
