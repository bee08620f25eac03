"""A Prometheus in a dictionary: expression to rows of (labels, value)."""

import numpy as np

from common.telemetry.columns import Vector


class FakeQueries:
    def __init__(self, answers, notes=()):
        self.answers = answers
        self.notes = notes
        self.asked = []

    async def query(self, expression, *, at=None):
        self.asked.append(expression)
        rows = self.answers.get(expression, [])
        return Vector(
            labels=[labels for labels, _ in rows],
            timestamps=np.full(len(rows), at or 0.0),
            values=np.array([value for _, value in rows], dtype=np.float64),
            notes=self.notes,
        )

    async def query_range(self, expression, *, start, end, step_seconds):
        raise AssertionError("not asked for here")


def family(series, rows, *, taken):
    """Answers of a family: values with the series' name, and times without it."""
    values = [({"__name__": series, **labels}, value) for labels, value in rows]
    times = [(labels, taken) for labels, _ in rows]
    return {series: values, f"timestamp({series})": times}
