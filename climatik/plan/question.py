"""What a plan is made from, and how it is kept in a file."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from recommender.planner.plan import Plan, make_plan
from recommender.planner.service_state import ServiceState, Weights


class SnapshotError(ValueError):
    """A snapshot that cannot be read or written; the text names the flag, the file and the remedy."""


@dataclass(frozen=True)
class Question:
    """Services, cap and weights at one moment.

    Attributes:
        services: Each once.
        cap_watts: For all of them together; None for none.
        weights: Of watts, money, carbon and changes.
    """

    services: tuple[ServiceState, ...]
    cap_watts: float | None = None
    weights: Weights = field(default_factory=Weights)

    def plan(self, exact_seconds: float = 0.0) -> Plan:
        """Returns the plan.

        Raises:
            CapTooLowError: No service's minimum fits under the cap.
        """
        cap = math.inf if self.cap_watts is None else self.cap_watts
        return make_plan(self.services, cap, self.weights, exact_seconds=exact_seconds)


def save(question: Question, path: Path) -> None:
    """Writes a question as JSON.

    Raises:
        SnapshotError: The file cannot be written.
    """
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(question)) + b"\n")
    except OSError as error:
        raise SnapshotError(f"--save: cannot write {path}: {error.strerror}; name another file") from None


def load(path: Path) -> Question:
    """Reads a question that was written by :func:`save`.

    Raises:
        SnapshotError: The file cannot be read, or is no snapshot; the text names the field.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Question)
    except OSError as error:
        raise SnapshotError(f"--from-file: cannot read {path}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise SnapshotError(
            f"--from-file: {path} is no snapshot: {error}; write one with `climatik plan --save FILE`"
        ) from None
