"""The JSON of Prometheus' query API, decoded straight into columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec
import numpy as np

from common.telemetry.columns import Floats, Labels, Matrix, Vector
from common.telemetry.errors import TelemetryRefusedError

T = TypeVar("T")


class _Sample(msgspec.Struct, gc=False):
    metric: dict[str, str]
    value: tuple[float, str]


class _Series(msgspec.Struct, gc=False):
    metric: dict[str, str]
    values: list[tuple[float, str]]


class _Data(msgspec.Struct, Generic[T]):
    result: T
    result_type: str = msgspec.field(name="resultType", default="")


class _Answer(msgspec.Struct, Generic[T]):
    status: str
    data: _Data[T]
    warnings: list[str] = []
    infos: list[str] = []

    @property
    def notes(self) -> tuple[str, ...]:
        return (*self.warnings, *self.infos)


class Rule(msgspec.Struct, frozen=True):
    """A recording or alerting rule.

    Attributes:
        name: Of the series that it records, or of the alert.
        query: Its expression.
    """

    name: str
    query: str


class _Group(msgspec.Struct):
    rules: list[Rule] = []


class _Groups(msgspec.Struct):
    groups: list[_Group]


class _RulesAnswer(msgspec.Struct):
    data: _Groups


class _Failure(msgspec.Struct):
    error: str = ""
    error_type: str = msgspec.field(name="errorType", default="")


_VECTOR = msgspec.json.Decoder(_Answer[list[_Sample]])
_MATRIX = msgspec.json.Decoder(_Answer[list[_Series]])


def decode_vector(body: bytes) -> Vector:
    """Decodes the answer of an instant query.

    Raises:
        TelemetryRefusedError: The body is not an instant vector.
    """
    answer = _decode(_VECTOR, body)
    samples = answer.data.result
    return Vector(
        labels=[sample.metric for sample in samples],
        timestamps=np.array([sample.value[0] for sample in samples], dtype=np.float64),
        values=np.array([sample.value[1] for sample in samples], dtype=np.float64),
        notes=answer.notes,
    )


def decode_matrix(body: bytes, start: float, end: float, step_seconds: float) -> Matrix:
    """Decodes the answer of a range query onto the grid start, start + step … end.

    Raises:
        TelemetryRefusedError: The body is not a range matrix.
    """
    answer = _decode(_MATRIX, body)
    series = [(one.metric, one.values) for one in answer.data.result]
    return put_on_grid(series, (start, end, step_seconds), answer.notes)


def put_on_grid(
    series: Sequence[tuple[Labels, Sequence[tuple[float, str]]]],
    window: tuple[float, float, float],
    notes: tuple[str, ...] = (),
) -> Matrix:
    """Returns series of (Unix seconds, number as text) as columns on the grid of a window.

    Args:
        series: Labels and samples, which lie on the grid or near it.
        window: Start, end (Unix seconds) and step (seconds).
        notes: Of the server.
    """
    start, end, step_seconds = window
    grid: Floats = start + step_seconds * np.arange(
        int((end - start) / step_seconds + 1e-6) + 1, dtype=np.float64
    )
    values = np.full((len(series), grid.size), np.nan)
    for row, (_, samples) in enumerate(series):
        times = np.array([at for at, _ in samples])
        places = np.rint((times - start) / step_seconds).astype(int).clip(0, grid.size - 1)
        values[row, places] = [float(value) for _, value in samples]
    return Matrix(labels=[labels for labels, _ in series], timestamps=grid, values=values, notes=notes)


def decode_rules(body: bytes) -> list[Rule]:
    """Decodes the answer about rules, groups put together.

    Raises:
        TelemetryRefusedError: The body is not about rules.
    """
    try:
        answer = msgspec.json.decode(body, type=_RulesAnswer)
    except msgspec.DecodeError as error:
        raise TelemetryRefusedError(f"the answer is not about rules ({error}); check the address") from error
    return [rule for group in answer.data.groups for rule in group.rules]


def failure_text(body: bytes) -> str:
    """Returns the error that Prometheus put into a body, or its beginning as text."""
    try:
        failure = msgspec.json.decode(body, type=_Failure)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body[:200].decode("utf-8", "replace").strip()
    return f"{failure.error_type}: {failure.error}" if failure.error_type else failure.error


def _decode(decoder: msgspec.json.Decoder[_Answer[T]], body: bytes) -> _Answer[T]:
    try:
        return decoder.decode(body)
    except msgspec.DecodeError as error:
        raise TelemetryRefusedError(
            f"the answer is not of Prometheus' query API ({error}); check the address"
        ) from error
