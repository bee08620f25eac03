"""Alerts as Block Kit: what, where, how much, what we advise, and what can be done about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from common.alerts.notice import CRITICAL, INFO, WARNING, Notice
from common.alerts.slack_buttons import alert_buttons
from common.alerts.slack_text import Block, cut, escape, header, moment, section

_MARKS: Final = {CRITICAL: ":red_circle:", WARNING: ":large_orange_circle:", INFO: ":large_blue_circle:"}
_RESOLVED: Final = ":white_check_mark:"
_SHOWN: Final = 10


def message(notices: Sequence[Notice], *, buttons: bool = False) -> dict[str, Any]:
    """Returns the payload of one message about notices of one group, worst and firing first.

    Args:
        notices: What is told.
        buttons: Whether alerts that fire bear buttons; they need the Slack app behind them.
    """
    ordered = sorted(notices, key=_order)
    title = _title(ordered)
    blocks = [header(title)]
    for notice in ordered[:_SHOWN]:
        blocks += _blocks(notice, buttons=buttons)
    if len(ordered) > _SHOWN:
        rest = ", ".join(notice.where for notice in ordered[_SHOWN:])
        blocks.append(section(f"… and {len(ordered) - _SHOWN} more: {escape(cut(rest))}"))
    return {"text": title, "blocks": blocks}


def _order(notice: Notice) -> tuple[bool, int, str]:
    return notice.resolved, -(list(_MARKS)[::-1].index(notice.severity)), notice.where


def _title(ordered: Sequence[Notice]) -> str:
    firing = sum(not notice.resolved for notice in ordered)
    if len(ordered) == 1:
        return f"{'Resolved: ' if ordered[0].resolved else ''}{ordered[0].summary}"
    parts = [f"{firing} firing"] if firing else []
    parts += [f"{len(ordered) - firing} resolved"] if firing < len(ordered) else []
    return f"{ordered[0].name}: {', '.join(parts)}"


def _blocks(notice: Notice, *, buttons: bool) -> Iterator[Block]:
    yield section(_text(notice))
    if buttons and not notice.resolved:
        yield alert_buttons(notice)


def _text(notice: Notice) -> str:
    mark = _RESOLVED if notice.resolved else _MARKS[notice.severity]
    lines = [f"{mark} *{escape(cut(notice.summary))}*", f"*Where* {escape(notice.where)}"]
    if notice.detail:
        lines.append(f"*How much* {escape(cut(notice.detail))}")
    if notice.resolved:
        lines.append(f"*Lasted* {moment(notice.started_at)} to {moment(notice.ended_at)}")
    else:
        lines.append(f"*Since* {moment(notice.started_at)}")
        if notice.advice:
            lines.append(f"*We advise* {escape(cut(notice.advice))}")
    return "\n".join(lines)
