"""Plans as tables: one alone, or two side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from rich.console import Console
from rich.table import Table

from climatik.plan.figures import PlanFigures, RowFigures

_PIPE_WIDTH = 220
_COLUMNS: dict[str, Callable[[RowFigures], str]] = {
    "plan": lambda row: str(row.replicas),
    "W each": lambda row: _shown(row.replica_watts),
    "tokens/s": lambda row: _shown(row.tokens_per_second),
    "ms/token": lambda row: _shown(row.milliseconds_between_tokens),
    "J/token": lambda row: _shown(row.joules_per_token, 2),
    "tokens/s a W more": lambda row: _shown(row.tokens_per_second_per_watt, 2),
}


def render(before: PlanFigures, after: PlanFigures | None, out: TextIO) -> None:
    """Prints a plan, or what it was before some changes and is after them; reasons are those of the last."""
    console = Console(file=out, width=None if out.isatty() else _PIPE_WIDTH)
    console.print(_table(before, after) if before.rows else "No Deployments.")
    for name, plan in (("before", before), ("after", after)):
        if plan is not None:
            console.print(f"{name}: {_summary(plan)}" if after else _summary(plan), highlight=False)


def _table(before: PlanFigures, after: PlanFigures | None) -> Table:
    table = Table(box=None, header_style="bold")
    for name in ("namespace", "deployment"):
        table.add_column(name)
    for name in ("now", *_COLUMNS):
        table.add_column(name, justify="right")
    table.add_column("reason")
    for old, new in zip(before.rows, (after or before).rows, strict=True):
        cells = [_change(shown(old), shown(new)) for shown in _COLUMNS.values()]
        table.add_row(old.namespace, old.deployment, str(old.present_replicas), *cells, new.reason)
    return table


def _change(old: str, new: str) -> str:
    return old if old == new else f"{old} → {new}"


def _shown(value: float | None, digits: int = 0) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _summary(plan: PlanFigures) -> str:
    cap = "no cap" if plan.cap_watts is None else f"cap {plan.cap_watts:.0f} W"
    parts = [
        f"{plan.planned_watts:.0f} W planned ({cap})",
        f"{plan.expected_watts:.0f} W expected",
        f"{plan.tokens_per_second:.0f} tokens/s",
    ]
    if plan.usd_per_hour is not None:
        parts.append(f"{plan.usd_per_hour:.2f} USD/h")
    if plan.gco2_per_hour is not None:
        parts.append(f"{plan.gco2_per_hour:.0f} gCO2/h")
    worth = plan.tokens_per_second_per_watt
    parts.append(f"one more watt serves {worth:.2f} tokens/s (weighted by priority)")
    return "; ".join([*parts, f"proven gap {100 * plan.proven_gap:.2f} %"])
