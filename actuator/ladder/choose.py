"""Which of many actions to take: lowest priority first, then the most watts for the least disruption."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from actuator.ladder.counts import Counts
from actuator.ladder.scene import Option


@dataclass
class Chosen:
    """What was chosen, and the first option that was passed over for want of each count, by its name."""

    options: list[Option] = field(default_factory=list)
    passed_over: dict[str, Option] = field(default_factory=dict)

    @property
    def relief_watts(self) -> int:
        """Watts that all of it frees together."""
        return sum(option.action.relief_watts for option in self.options)


def choose(options: Iterable[Option], needed_watts: int, counts: Counts) -> Chosen:
    """Chooses actions until they free what is needed, or nothing more may be done.

    Within a priority the largest relief per disruption goes first; what is left is covered by the single
    action that overshoots it least. Counts are used up as actions are chosen.
    """
    chosen = Chosen()
    ordered = sorted(options, key=choice_order)
    for _, group in groupby(ordered, key=lambda option: option.priority):
        needed_watts -= _choose_alike(list(group), needed_watts, counts, chosen)
        if needed_watts <= 0:
            break
    return chosen


def _choose_alike(options: Sequence[Option], needed_watts: int, counts: Counts, chosen: Chosen) -> int:
    """Chooses among options of one priority, best first; returns the watts freed."""
    freed = 0
    for index, best in enumerate(options):
        if freed >= needed_watts:
            break
        if best.action.relief_watts >= needed_watts - freed:
            last = _closest(options[index:], needed_watts - freed, counts, chosen)
            if last is not None:
                freed += _take(last, counts, chosen)
                break
        lacking = counts.exhausted(best)
        if lacking:
            chosen.passed_over.setdefault(lacking, best)
        else:
            freed += _take(best, counts, chosen)
    return freed


def _closest(options: Sequence[Option], needed_watts: int, counts: Counts, chosen: Chosen) -> Option | None:
    """Returns the option that covers a need alone with the least disruption, then the least to spare."""
    fitting = [option for option in options if option.action.relief_watts >= needed_watts]
    for option in sorted(fitting, key=_spare):
        lacking = counts.exhausted(option)
        if not lacking:
            return option
        chosen.passed_over.setdefault(lacking, option)
    return None


def _take(option: Option, counts: Counts, chosen: Chosen) -> int:
    counts.use(option)
    chosen.options.append(option)
    return option.action.relief_watts


def choice_order(option: Option) -> tuple[tuple[int, int], float, str]:
    """Returns the sort key by which actions are chosen: priority, then watts per disruption, then name."""
    action = option.action
    return option.priority, -action.relief_watts / max(1, action.disruptions), action.key


def _spare(option: Option) -> tuple[int, int, str]:
    return option.action.disruptions, option.action.relief_watts, option.action.key
