"""Breadth-first search over all interleavings, with the way to whatever it finds."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from .instance import Instance, State, Step


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes:
        states: How many different states it looked at.
        depth: Steps from the start to the last of them.
        complete: Whether there are no others.
        wrong: What is wrong with the last one; empty where nothing is.
        way: The steps that lead there.
    """

    states: int
    depth: int
    complete: bool
    wrong: str = ""
    way: tuple[Step, ...] = ()


def search(instance: Instance, most_states: int, start: State | None = None) -> Found:
    """Looks at states in the order of their distance from the start, each once, until one is wrong.

    A state after which nothing can happen has to be right in itself, too.
    """
    first = start if start is not None else instance.first()
    came_from: dict[State, tuple[State, Step] | None] = {first: None}
    frontier, depth, ends = deque([first]), 0, first
    while frontier:
        state = frontier.popleft()
        ends_here = True
        for step, after in instance.steps(state):
            ends_here = False
            if after in came_from:
                continue
            came_from[after] = (state, step)
            wrong = instance.over(after)
            if wrong or len(came_from) >= most_states:
                way = _way(after, came_from)
                return Found(len(came_from), len(way), False, wrong, way if wrong else ())
            frontier.append(after)
        if ends_here and (wrong := instance.over_at_the_end(state)):
            way = _way(state, came_from)
            return Found(len(came_from), len(way), False, wrong, way)
        ends = state
    depth = len(_way(ends, came_from))
    return Found(len(came_from), depth, True)


def _way(state: State, came_from: dict[State, tuple[State, Step] | None]) -> tuple[Step, ...]:
    steps: list[Step] = []
    before = came_from[state]
    while before is not None:
        state, step = before
        steps.append(step)
        before = came_from[state]
    return tuple(reversed(steps))
