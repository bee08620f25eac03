"""Ranks controllers by what a replay of the same load is like under each."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields

from common.algorithms.registry import known_algorithms
from common.replay.contenders import NO_CONTROL, PROMISED, contender
from common.replay.control import AlgorithmControl, Controller, RowFacts
from common.replay.outcome import Outcome, judge
from common.replay.scenario import Scenario, Seed

JOULES_PER_KILOWATT_HOUR = 3.6e6
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Entrant:
    """Who takes part.

    Attributes:
        name: As ``contender`` knows it.
        parameters: As users write them.
    """

    name: str
    parameters: Mapping[str, str | int]

    @property
    def label(self) -> str:
        """The name with its parameters."""
        chosen = ",".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"{self.name}:{chosen}" if chosen else self.name


@dataclass(frozen=True)
class Spread:
    """A figure over the seeds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Returns median and range."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Standing:
    """How an entrant did.

    Attributes:
        label: Of the entrant.
        figures: Spread by name: the fields of ``Outcome``, and ``cost_per_million_tokens``.
        acceptable: In how many of the replays every objective was met.
        replays: How many there were.
        failures: Plans that an algorithm failed to make; its last limits stayed.
        failure: The last reason.
    """

    label: str
    figures: Mapping[str, Spread]
    acceptable: int
    replays: int
    failures: int
    failure: str

    @property
    def order(self) -> tuple[float, ...]:
        """Smaller is better: objectives, watt-seconds over the cap, high priority's tail, then cost."""
        figures = self.figures
        return (
            -self.acceptable,
            figures["overload_watt_seconds"].median,
            round(max(0.0, figures["high_p99_percent"].median), 1),
            figures["cost_per_million_tokens"].median,
        )


def everybody() -> list[Entrant]:
    """Returns all algorithms that are known, the promise, and none."""
    return [Entrant(name, {}) for name in [NO_CONTROL, PROMISED, *known_algorithms()]]


def backtest(
    scenario: Scenario, servers: int, seeds: Sequence[int], entrants: Sequence[Entrant], *,
    price_per_kilowatt_hour: float, progress: Progress = lambda label, seed: None,
) -> list[Standing]:  # fmt: skip
    """Replays each seed's load under every entrant.

    Args:
        scenario: What is replayed.
        servers: Size of the row.
        seeds: Of the loads; all entrants get the same.
        entrants: Who takes part.
        price_per_kilowatt_hour: In any currency.
        progress: Told who is replayed next.

    Returns:
        The standings, best first.

    Raises:
        AlgorithmError: An entrant is unknown, or its parameters are wrong.
    """
    check_entrants(scenario, entrants)
    replayed: dict[str, list[tuple[Outcome, list[str]]]] = {one.label: [] for one in entrants}
    for number in seeds:
        seed = Seed(scenario, number)
        for one in entrants:
            progress(one.label, number)
            replayed[one.label].append(_replay(scenario, seed, servers, one))
    made = [_standing(label, runs, price_per_kilowatt_hour) for label, runs in replayed.items()]
    return sorted(made, key=lambda standing: standing.order)


def check_entrants(scenario: Scenario, entrants: Sequence[Entrant]) -> None:
    """Refuses entrants that are unknown, or whose parameters are wrong, with an ``AlgorithmError``."""
    for one in entrants:
        contender(one.name, scenario.facts(1), one.parameters)


def _replay(scenario: Scenario, seed: Seed, servers: int, entrant: Entrant) -> tuple[Outcome, list[str]]:
    def control(facts: RowFacts) -> Controller | None:
        return contender(entrant.name, facts, entrant.parameters)

    recording, controller = seed.record(servers, control)
    outcome = judge(recording, seed.free(servers)[1], scenario.cap_watts)
    return outcome, controller.failures if isinstance(controller, AlgorithmControl) else []


def _standing(label: str, runs: list[tuple[Outcome, list[str]]], price: float) -> Standing:
    outcomes = [outcome for outcome, _ in runs]
    failures = [failure for _, found in runs for failure in found]
    figures = {
        field.name: Spread.of([float(getattr(one, field.name)) for one in outcomes])
        for field in fields(Outcome)
    }
    figures["cost_per_million_tokens"] = Spread.of([_cost(one, price) for one in outcomes])
    return Standing(
        label=label,
        figures=figures,
        acceptable=sum(one.acceptable for one in outcomes),
        replays=len(outcomes),
        failures=len(failures),
        failure=failures[-1] if failures else "",
    )


def _cost(outcome: Outcome, price: float) -> float:
    kilowatt_hours = outcome.megajoules * 1e6 / JOULES_PER_KILOWATT_HOUR
    return 1e6 * kilowatt_hours * price / max(outcome.tokens, 1.0)
