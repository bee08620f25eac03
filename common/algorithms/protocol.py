"""The plug-in protocol: a snapshot in, a plan out, parameters declared.

A snapshot says everything that an algorithm may know, in arrays of equal length, so that it can be handed to
another process as it is. Watts are whole; an algorithm never sees a client, a clock or an object of the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Watts: TypeAlias = NDArray[np.int64]
Indices: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

NO_PARENT = -1
GUARANTEED = 2**31
"""Priority of guaranteed watts: before all that a policy can ask for."""

UNCAPPED: int = 2**53
"""Stands for "no cap": larger than any sum of watts, and exact in a float."""


@dataclass(frozen=True)
class CapTree:
    """Nested caps, parents before children.

    Attributes:
        names: Of the groups (power domains, or the one policy).
        parent: Index of each group's parent, always smaller than its own; ``NO_PARENT`` at a root.
        cap_watts: Each group's own cap; ``UNCAPPED`` where it has none.
    """

    names: tuple[str, ...]
    parent: Indices
    cap_watts: Watts


@dataclass(frozen=True)
class ValueCurves:
    """Concave curves of what watts are worth, made of straight steps.

    Attributes:
        step_watts: Whole watts of each step, shape (members, steps); zeros fill up shorter curves.
        value_per_watt: Worth of a watt within each step, same shape, not rising along a row. The unit is free
            (tokens per second, for instance), but must be the same for all.
    """

    step_watts: Watts
    value_per_watt: Floats

    @classmethod
    def straight(cls, watts: Watts) -> ValueCurves:
        """Returns curves on which every watt asked for is worth the same."""
        return cls(watts[:, None], np.ones((len(watts), 1)))


@dataclass(frozen=True)
class DemandLevel:
    """What members ask for beyond their floors at one priority.

    Attributes:
        priority: Higher is served first.
        watts: Increments per member.
        curves: What these watts are worth, steps adding up to ``watts``; None shares them evenly.
    """

    priority: int
    watts: Watts
    curves: ValueCurves | None = None


@dataclass(frozen=True)
class Snapshot:
    """What is to be divided, and among whom.

    Attributes:
        caps: The nested caps.
        members: Names of the nodes or devices.
        group: Index of the group each member belongs to.
        floor_watts: The least a member can be held to.
        ceiling_watts: The most it can use.
        draw_watts: What it draws now.
        demand: What it asks for beyond its floor, by priority, highest first.
        current_watts: What it has now; decides among equal plans. Zeros where nothing is known.
        max_frequency: Highest clock of each member in MHz; 0 where unknown.
        throttle: True while the draw is past the threshold at which capping is asked for.
        priority: Of each member; None where all are alike.
        current_frequency: Clock ceiling of each member now in MHz, 0 for none; None where nothing is known.
    """

    caps: CapTree
    members: tuple[str, ...]
    group: Indices
    floor_watts: Watts
    ceiling_watts: Watts
    draw_watts: Watts
    demand: tuple[DemandLevel, ...]
    current_watts: Watts
    max_frequency: Indices
    throttle: bool = False
    priority: Indices | None = None
    current_frequency: Indices | None = None

    @property
    def priorities(self) -> Indices:
        """Priority of each member; zeros where all are alike."""
        return np.zeros(len(self.members), dtype=np.int64) if self.priority is None else self.priority

    @property
    def clocks(self) -> Indices:
        """Clock ceiling of each member in MHz; 0 where there is none or nothing is known."""
        nothing = np.zeros(len(self.members), dtype=np.int64)
        return nothing if self.current_frequency is None else self.current_frequency


@dataclass(frozen=True)
class Plan:
    """What each member shall get; a lever that an algorithm does not use is None.

    Attributes:
        watts: Whole watts per member.
        frequency: Clock ceilings in MHz per member; 0 leaves a member's clock alone.
        notes: What a person should know of how it came about, as a proven gap.
    """

    watts: Watts | None = None
    frequency: Indices | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """A number that a user may set, declared so that a bad one is refused with a reason.

    Attributes:
        name: As in ``customAlgorithms[].parameters``.
        default: Used where the user says nothing.
        minimum: Smallest value allowed.
        maximum: Largest value allowed.
        meaning: What it does, with its unit.
    """

    name: str
    default: float
    minimum: float
    maximum: float
    meaning: str


@dataclass(frozen=True)
class Description:
    """What an algorithm says of itself.

    Attributes:
        name: As in ``customAlgorithms[].name``.
        summary: One line.
        parameters: What a user may set.
        inputs: The fields of the snapshot that it looks at.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...] = field(default=())
    inputs: tuple[str, ...] = field(default=())


class Algorithm(Protocol):
    """An algorithm that shares watts out."""

    @property
    def description(self) -> Description:
        """Name, purpose and parameters."""
        ...

    def plan(self, snapshot: Snapshot, parameters: Mapping[str, float]) -> Plan:
        """Divides what the snapshot holds; ``parameters`` has every declared name."""
        ...
