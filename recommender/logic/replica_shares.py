"""How many replicas of each workload a budget of watts carries. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

MOST_REPLICAS = 2**31 - 1
"""What the API can hold."""


@dataclass(frozen=True)
class Scalable:
    """A workload whose replicas may be bounded.

    Attributes:
        workload: ``Kind/name``.
        count: Replicas that run.
        watts: What one of them counts with, more than 0.
        priority: Of its pods; higher ones are served first.
        before: The ceiling advised before; None without one.
    """

    workload: str
    count: int
    watts: int
    priority: int = 0
    before: int | None = None


def share_out(budget_watts: int, workloads: Sequence[Scalable], least: int, *, spare: bool) -> list[int]:
    """Returns a ceiling for each workload; they fit into the budget, unless ``least`` alone does not.

    First every workload gets ``least``. Then those of higher priority get what runs, those of equal priority
    the same share of it. With ``spare`` all that is left is shared out too, so that nobody can start more
    than the budget carries; and the ceilings of before stay as long as they are as good, so that they do not
    move with every replica that comes and goes.

    Args:
        budget_watts: What there is for all replicas.
        workloads: The workloads.
        least: Replicas that every one keeps.
        spare: Whether to share out what running replicas leave.
    """
    before = [one.before for one in workloads]
    if spare and None not in before:
        kept = [ceiling for ceiling in before if ceiling is not None]
        if _as_good(budget_watts, workloads, kept, least):
            return kept
    ceilings = [least] * len(workloads)
    for priority in sorted({one.priority for one in workloads}, reverse=True):
        chosen = [i for i, one in enumerate(workloads) if one.priority == priority]
        _fill(budget_watts, workloads, ceilings, chosen, lambda i: max(0, workloads[i].count - least))
    if spare:
        everyone = list(range(len(workloads)))
        _fill(budget_watts, workloads, ceilings, everyone, lambda i: MOST_REPLICAS - ceilings[i])
    return ceilings


def needed_watts(workloads: Sequence[Scalable]) -> int:
    """Returns what the running replicas count with together."""
    return sum(one.count * one.watts for one in workloads)


def _fill(
    budget: int,
    workloads: Sequence[Scalable],
    ceilings: list[int],
    chosen: Sequence[int],
    wanted: Callable[[int], int],
) -> None:
    """Raises the ceilings of the chosen by up to what they want, in even steps, in place."""
    room = budget - sum(ceiling * one.watts for ceiling, one in zip(ceilings, workloads, strict=True))
    open_ = {i: wanted(i) for i in chosen if wanted(i) > 0}
    while open_ and room >= min(workloads[i].watts for i in open_):
        for i, step in _even_steps(room, workloads, ceilings, open_).items():
            ceilings[i] += step
            open_[i] -= step
            room -= step * workloads[i].watts
        open_ = {i: left for i, left in open_.items() if left > 0}


def _even_steps(
    room: int, workloads: Sequence[Scalable], ceilings: Sequence[int], wanted: Mapping[int, int]
) -> dict[int, int]:
    """Returns whole replicas in proportion to what runs; where none is whole, one for who has least."""
    weights = {i: max(1, workloads[i].count) for i in wanted}
    a_round = sum(weights[i] * workloads[i].watts for i in wanted)
    steps = {i: min(wanted[i], weights[i] * room // a_round) for i in wanted}
    if any(steps.values()):
        return steps
    fitting = [i for i in wanted if workloads[i].watts <= room]
    return {min(fitting, key=lambda i: ((ceilings[i] + 1) / weights[i], workloads[i].workload)): 1}


def _as_good(budget: int, workloads: Sequence[Scalable], before: Sequence[int], least: int) -> bool:
    """Whether ceilings fit, leave no room for another replica, and keep nobody down who could have more."""
    if any(ceiling < least for ceiling in before):
        return False
    room = budget - sum(ceiling * one.watts for ceiling, one in zip(before, workloads, strict=True))
    pressing = any(one.count >= ceiling for ceiling, one in zip(before, workloads, strict=True))
    slack = any(one.count < ceiling for ceiling, one in zip(before, workloads, strict=True))
    return 0 <= room < min(one.watts for one in workloads) and not (pressing and slack)
