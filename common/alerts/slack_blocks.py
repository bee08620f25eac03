"""Alerts as Block Kit: what, where, how much, what we advise. Pure.

Limits of Slack's reference: 50 blocks in a message, 150 characters in a header, 3,000 in a section.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from common.alerts.notice import CRITICAL, INFO, WARNING, Notice

_MARKS: Final = {CRITICAL: ":red_circle:", WARNING: ":large_orange_circle:", INFO: ":large_blue_circle:"}
_RESOLVED: Final = ":white_check_mark:"
_SHOWN: Final = 10
_LINE_CHARACTERS: Final = 600


def message(notices: Sequence[Notice]) -> dict[str, Any]:
    """Returns the payload of one message about notices of one group, worst and firing first."""
    ordered = sorted(notices, key=_order)
    title = _title(ordered)
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": title[:150], "emoji": True}}]
    blocks += [_section(notice) for notice in ordered[:_SHOWN]]
    if len(ordered) > _SHOWN:
        rest = ", ".join(notice.where for notice in ordered[_SHOWN:])
        blocks.append(_text(f"… and {len(ordered) - _SHOWN} more: {_escape(_cut(rest))}"))
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


def _section(notice: Notice) -> dict[str, Any]:
    mark = _RESOLVED if notice.resolved else _MARKS[notice.severity]
    lines = [f"{mark} *{_escape(_cut(notice.summary))}*", f"*Where* {_escape(notice.where)}"]
    if notice.detail:
        lines.append(f"*How much* {_escape(_cut(notice.detail))}")
    if notice.resolved:
        lines.append(f"*Lasted* {_moment(notice.started_at)} to {_moment(notice.ended_at)}")
    else:
        lines.append(f"*Since* {_moment(notice.started_at)}")
        if notice.advice:
            lines.append(f"*We advise* {_escape(_cut(notice.advice))}")
    return _text("\n".join(lines))


def _text(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _moment(text: str) -> str:
    return text.replace("T", " ").replace("Z", " UTC")


def _cut(text: str) -> str:
    return text if len(text) <= _LINE_CHARACTERS else f"{text[: _LINE_CHARACTERS - 1]}…"


def _escape(text: str) -> str:
    """Escapes what Slack would read as a link or a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
