"""The status as tables, for terminals and for pipes."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from climatik.status.rows import DomainRow, NodeRow, Overview, PolicyRow

_PIPE_WIDTH = 200
_NONE = "–"  # noqa: RUF001 - a dash for what nobody has reported
_STATE_STYLES = {
    "obeys": "green",
    "pending": "yellow",
    "degraded": "yellow",
    "cannot obey": "red",
    "silent": "red",
}


def render(shown: Overview, out: TextIO) -> None:
    """Writes three tables; without a terminal in plain text that no narrow window cuts."""
    console = Console(file=out, width=None if out.isatty() else _PIPE_WIDTH)
    for table, empty in (
        (_domains(shown.domains), "No power domains. Start with: kubectl explain powerdomain.spec"),
        (_nodes(shown.nodes), "No nodes under a grant."),
        (_policies(shown.policies), "No policies. Start with: kubectl explain powercappingpolicy.spec"),
    ):
        console.print(table if table.row_count else Text(empty))


def _domains(rows: list[DomainRow]) -> Table:
    table = _table("Domains", "domain", "mode", "cap", "reserved", "draw", "heartbeat", "troubles")
    for row in rows:
        table.add_row(
            Text("  " * row.depth + row.name),
            row.mode,
            _watts(row.cap_watts),
            _watts(row.reserved_watts, limit=row.cap_watts),
            _watts(row.draw_watts, limit=row.cap_watts),
            _age(row.heartbeat_age_seconds),
            Text(row.troubles or _NONE, style="red" if row.troubles else ""),
        )
    return table


def _nodes(rows: list[NodeRow]) -> Table:
    table = _table("Nodes", "node", "domain", "grant", "enforced", "draw", "state")
    for row in rows:
        table.add_row(
            Text(row.name),
            row.domain or _NONE,
            _watts(row.grant_watts),
            _watts(row.enforced_watts),
            _watts(row.draw_watts, limit=row.enforced_watts),
            Text(row.state, style=_STATE_STYLES.get(row.state, "")),
        )
    return table


def _policies(rows: list[PolicyRow]) -> Table:
    table = _table("Policies", "namespace", "policy", "mode", "cap", "draw", "advice")
    for row in rows:
        table.add_row(
            row.namespace,
            Text(row.name),
            row.mode,
            _watts(row.cap_watts),
            _watts(row.draw_watts, limit=row.cap_watts),
            Text(row.advice or _NONE),
        )
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, title_style="bold")
    numbers = {"cap", "reserved", "draw", "grant", "enforced", "heartbeat"}
    for column in columns:
        table.add_column(column.upper(), justify="right" if column in numbers else "left")
    return table


def _watts(watts: int | None, limit: int | None = None) -> Text:
    if watts is None:
        return Text(_NONE)
    return Text(f"{watts:,} W", style="red" if limit is not None and watts > limit else "")


def _age(seconds: float | None) -> str:
    if seconds is None:
        return _NONE
    return f"{seconds:.0f} s ago" if seconds < 120 else f"{seconds / 60:.0f} min ago"
