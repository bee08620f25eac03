"""Asks Prometheus all that the doctor wants to know."""

from __future__ import annotations

import asyncio

import numpy as np

from climatik.doctor.facts import Facts, Row, SummingRule, Target, target
from climatik.doctor.questions import AHEAD_SECONDS, LAST_SAMPLE, QUESTIONS, SPACING, WINDOW_SECONDS
from common.clock import Clock
from common.telemetry.columns import Floats, Vector
from common.telemetry.errors import TelemetryError
from common.telemetry.prometheus import Prometheus

_STEP_SECONDS = 1.0


async def read_facts(prometheus: Prometheus, clock: Clock) -> Facts:
    """Asks every question once, concurrently.

    Raises:
        TelemetryError: A question failed: half an examination would find mistakes that are not there.
    """
    at = clock.now().timestamp()
    answers = await asyncio.gather(*(prometheus.query(each) for each in QUESTIONS.values()))
    ahead = [await prometheus.query(QUESTIONS[LAST_SAMPLE], at=at + seconds) for seconds in AHEAD_SECONDS]
    samples = await prometheus.query_range(
        SPACING, start=at - WINDOW_SECONDS, end=at, step_seconds=_STEP_SECONDS
    )
    rules, problems = await _rules(prometheus)
    return Facts(
        at=at,
        answers=dict(zip(QUESTIONS, map(_rows, answers), strict=True)),
        ahead={target(row.labels): row.value for answer in ahead for row in _rows(answer)},
        spacing=_spacing([target(labels) for labels in samples.labels], samples.values),
        rules=rules,
        problems=[*problems, *sorted({note for answer in answers for note in answer.notes})],
    )


def _rows(answer: Vector) -> list[Row]:
    return [Row(labels, value) for labels, value in zip(answer.labels, answer.values.tolist(), strict=True)]


def _spacing(targets: list[Target], times: Floats) -> dict[Target, list[float]]:
    return {
        each: np.diff(np.unique(row[np.isfinite(row)])).tolist()
        for each, row in zip(targets, times, strict=True)
    }


async def _rules(prometheus: Prometheus) -> tuple[list[SummingRule] | None, list[str]]:
    """Query front-ends often have no rules to tell: the rest of the examination goes on without."""
    try:
        return [SummingRule(rule.name, rule.query) for rule in await prometheus.rules()], []
    except TelemetryError as error:
        return None, [f"rules were not looked at: {error}"]
