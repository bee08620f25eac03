"""A plan in plain figures, for tables and for scripts."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from recommender.planner.plan import Plan, Row
from recommender.planner.service_state import Weights
from recommender.planner.worth import tokens_per_watt


@dataclass(frozen=True)
class RowFigures:
    """One service; what is not known or makes no sense is None.

    ``tokens_per_second_per_watt`` is what one more watt would serve here, not weighted by priority.
    """

    namespace: str
    deployment: str
    present_replicas: int
    replicas: int
    replica_watts: float | None
    tokens_per_second: float | None
    milliseconds_between_tokens: float | None
    joules_per_token: float | None
    tokens_per_second_per_watt: float
    reason: str


@dataclass(frozen=True)
class PlanFigures:
    """A plan as a whole.

    Attributes:
        cap_watts: None for none.
        planned_watts: What all may draw.
        expected_watts: What all draw on average.
        tokens_per_second: Served within their targets.
        tokens_per_second_per_watt: What one more watt would serve, weighted by priority.
        usd_per_hour: Of electricity and replicas; None without a price.
        gco2_per_hour: None without a carbon intensity.
        proven_gap: No plan is better by more than this share.
        rows: One per service.
    """

    cap_watts: float | None
    planned_watts: float
    expected_watts: float
    tokens_per_second: float
    tokens_per_second_per_watt: float
    usd_per_hour: float | None
    gco2_per_hour: float | None
    proven_gap: float
    rows: tuple[RowFigures, ...]

    def to_plain(self) -> dict[str, Any]:
        """Returns what JSON can hold."""
        return asdict(self)


def figures(plan: Plan, weights: Weights) -> PlanFigures:
    """Returns the figures of a plan."""
    options = [row.option for row in plan.rows if row.option]
    expected = sum(one.expected_watts for one in options)
    replicas = sum(one.replicas for one in options) * weights.usd_per_replica_hour
    priced = weights.usd_per_kwh or weights.usd_per_replica_hour
    return PlanFigures(
        cap_watts=plan.cap_watts if math.isfinite(plan.cap_watts) else None,
        planned_watts=plan.watts,
        expected_watts=expected,
        tokens_per_second=sum(row.tokens_per_second or 0.0 for row in map(_row, plan.rows)),
        tokens_per_second_per_watt=plan.tokens_per_watt,
        usd_per_hour=expected / 1000.0 * weights.usd_per_kwh + replicas if priced else None,
        gco2_per_hour=expected / 1000.0 * weights.gco2_per_kwh if weights.gco2_per_kwh else None,
        proven_gap=plan.gap,
        rows=tuple(_row(row) for row in plan.rows),
    )


def _row(row: Row) -> RowFigures:
    service, option = row.service, row.option
    measured = option is not None and service.model is not None and option.tokens_per_second > 0
    milliseconds = 1000.0 * option.seconds_between_tokens if option else math.nan
    return RowFigures(
        namespace=service.key.namespace,
        deployment=service.key.name,
        present_replicas=service.replicas,
        replicas=row.replicas,
        replica_watts=option.replica_watts if option else None,
        tokens_per_second=option.tokens_per_second if option and measured else None,
        milliseconds_between_tokens=milliseconds if math.isfinite(milliseconds) else None,
        joules_per_token=option.expected_watts / option.tokens_per_second if option and measured else None,
        tokens_per_second_per_watt=tokens_per_watt(row),
        reason=row.reason,
    )
