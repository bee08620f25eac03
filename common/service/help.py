"""The settings table as a page: ``--help`` for terminals, Markdown for the reference."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import groupby

from common.service.options import Option

_WIDTH = 100
_COLUMNS = ("flag", "environment", "default", "unit", "reason")


def grouped(options: Iterable[Option]) -> list[tuple[str, list[Option]]]:
    """Returns the options by heading, headings in order of first appearance."""
    order: dict[str, int] = {}
    rows = list(options)
    for option in rows:
        order.setdefault(heading(option), len(order))
    rows.sort(key=lambda option: order[heading(option)])
    return [(title, list(members)) for title, members in groupby(rows, key=heading)]


def heading(option: Option) -> str:
    """Returns the heading an option stands under."""
    return option.details.group or "Main"


def render_help(options: Sequence[Option], program: str, description: str) -> str:
    """Returns the help page of a program: what it does, precedence, and every setting with its reason."""
    intro = textwrap.fill(" ".join(description.split()), _WIDTH)
    rule = (
        "A flag wins over its environment variable, which wins over the default.\n"
        "Each entry reads: --flag [values or unit, default, environment variable], then why it exists."
    )
    body = "\n".join(_section(title, members) for title, members in grouped(options))
    return f"usage: {program} [--flag=value ...]\n\n{intro}\n\n{rule}\n\n{body}"


def _section(title: str, options: Sequence[Option]) -> str:
    return f"{title}\n" + "".join(_entry(option) for option in options)


def _entry(option: Option) -> str:
    default = f"default {option.default_text}" if option.default_text else "default: empty"
    facts = ", ".join(fact for fact in (_values(option), default, option.env) if fact)
    reason = textwrap.fill(
        option.details.reason,
        _WIDTH,
        initial_indent=" " * 6,
        subsequent_indent=" " * 6,
        break_on_hyphens=False,
    )
    return f"  {option.flag}  [{facts}]\n{reason}\n"


def _values(option: Option) -> str:
    if option.details.choices:
        return " | ".join(option.details.choices)
    return "true | false" if option.type is bool else option.details.unit


def render_markdown(options: Sequence[Option]) -> str:
    """Returns the settings as Markdown tables, one under each heading."""
    return "\n".join(_table(title, members) for title, members in grouped(options))


def _table(title: str, options: Sequence[Option]) -> str:
    lines = [f"### {title}", "", _row(_COLUMNS), _row(["---"] * len(_COLUMNS))]
    lines += [_row(_cells(option)) for option in options]
    return "\n".join(lines) + "\n"


def _cells(option: Option) -> list[str]:
    default = f"`{option.default_text}`" if option.default_text else ""
    return [f"`{option.flag}`", f"`{option.env}`", default, _values(option), option.details.reason]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
