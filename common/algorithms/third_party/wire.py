"""Snapshots and plans as bytes: frames of MessagePack with a length before each."""

from __future__ import annotations

import struct
from typing import Any

import msgspec
import numpy as np

from common.algorithms.errors import AlgorithmError
from common.algorithms.protocol import (
    CapTree,
    DemandLevel,
    Description,
    Indices,
    Parameter,
    Plan,
    Snapshot,
    ValueCurves,
)

HEADER = struct.Struct("<I")
MOST_BYTES = 64 * 2**20
"""Of one frame: 40,000 devices with curves are under 10 MiB."""

Column = list[int]


class Request(msgspec.Struct, frozen=True):
    """A division that is asked for; without a snapshot, the description."""

    snapshot: dict[str, Any] | None = None
    parameters: dict[str, float] = {}


class Reply(msgspec.Struct, frozen=True):
    """A description or a plan, or what went wrong in one line."""

    error: str = ""
    name: str = ""
    summary: str = ""
    parameters: list[tuple[str, float, float, float, str]] = []
    inputs: list[str] = []
    watts: Column | None = None
    frequency: Column | None = None
    notes: list[str] = []


def frame(message: msgspec.Struct) -> bytes:
    """Returns a message with its length before it."""
    body = msgspec.msgpack.encode(message)
    return HEADER.pack(len(body)) + body


def pack_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    """Returns plain lists and numbers."""
    levels = [
        {
            "priority": level.priority,
            "watts": level.watts.tolist(),
            "steps": level.curves.step_watts.tolist() if level.curves else None,
            "worth": level.curves.value_per_watt.tolist() if level.curves else None,
        }
        for level in snapshot.demand
    ]
    columns = ("group", "floor_watts", "ceiling_watts", "draw_watts", "current_watts", "max_frequency")
    return {
        "groups": list(snapshot.caps.names),
        "parent": snapshot.caps.parent.tolist(),
        "cap_watts": snapshot.caps.cap_watts.tolist(),
        "members": list(snapshot.members),
        "demand": levels,
        "throttle": snapshot.throttle,
        "priority": snapshot.priorities.tolist(),
        "clocks": snapshot.clocks.tolist(),
        **{name: getattr(snapshot, name).tolist() for name in columns},
    }


def unpack_snapshot(packed: dict[str, Any]) -> Snapshot:
    """Returns the snapshot that was packed."""
    return Snapshot(
        caps=CapTree(tuple(packed["groups"]), _column(packed["parent"]), _column(packed["cap_watts"])),
        members=tuple(packed["members"]),
        group=_column(packed["group"]),
        floor_watts=_column(packed["floor_watts"]),
        ceiling_watts=_column(packed["ceiling_watts"]),
        draw_watts=_column(packed["draw_watts"]),
        demand=tuple(_level(level) for level in packed["demand"]),
        current_watts=_column(packed["current_watts"]),
        max_frequency=_column(packed["max_frequency"]),
        throttle=packed["throttle"],
        priority=_column(packed["priority"]),
        current_frequency=_column(packed["clocks"]),
    )


def pack_description(description: Description) -> Reply:
    """Returns what an algorithm says of itself."""
    parameters = [
        (one.name, float(one.default), float(one.minimum), float(one.maximum), one.meaning)
        for one in description.parameters
    ]
    return Reply(
        name=description.name,
        summary=description.summary,
        parameters=parameters,
        inputs=list(description.inputs),
    )


def unpack_description(reply: Reply) -> Description:
    """Returns the description that was packed."""
    parameters = tuple(Parameter(*one) for one in reply.parameters)
    return Description(reply.name, reply.summary, parameters, tuple(reply.inputs))


def pack_plan(plan: Plan) -> Reply:
    """Returns a plan as whole numbers; fractions of a watt are cut off."""
    return Reply(watts=_numbers(plan.watts), frequency=_numbers(plan.frequency), notes=list(plan.notes)[:8])


def unpack_plan(reply: Reply) -> Plan:
    """Returns the plan that was packed.

    Raises:
        AlgorithmError: A number is beyond what watts or clocks can be.
    """
    try:
        watts, frequency = (
            None if column is None else _column(column) for column in (reply.watts, reply.frequency)
        )
    except OverflowError as error:
        raise AlgorithmError(f"its answer makes no sense: {error}") from None
    return Plan(watts, frequency, tuple(note[:200] for note in reply.notes))


def _level(packed: dict[str, Any]) -> DemandLevel:
    curves = None
    if packed["steps"] is not None:
        curves = ValueCurves(_column(packed["steps"]), np.array(packed["worth"], dtype=np.float64))
    return DemandLevel(packed["priority"], _column(packed["watts"]), curves)


def _column(values: Any) -> Indices:
    return np.array(values, dtype=np.int64)


def _numbers(values: Any) -> Column | None:
    return None if values is None else [int(value) for value in np.asarray(values).tolist()]
