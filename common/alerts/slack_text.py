"""Pieces of Block Kit. Pure.

Limits of Slack's reference: 50 blocks in a message, 150 characters in a header, 3,000 in a section, 2,000 in
the value of a button.
"""

from __future__ import annotations

from typing import Any, Final

LINE_CHARACTERS: Final = 600
_SECTION_CHARACTERS: Final = 3000

Block = dict[str, Any]


def header(text: str) -> Block:
    """Returns a heading."""
    return {"type": "header", "text": {"type": "plain_text", "text": cut(text, 150), "emoji": True}}


def section(text: str) -> Block:
    """Returns a paragraph in Slack's markup."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, _SECTION_CHARACTERS)}}


def button(label: str, action: str, value: str, style: str = "") -> Block:
    """Returns a button.

    Args:
        label: What it says.
        action: Its ``action_id``, which comes back when it is pressed.
        value: What else comes back.
        style: ``primary``, ``danger`` or empty.
    """
    text = {"type": "plain_text", "text": label}
    plain = {"type": "button", "text": text, "action_id": action, "value": value}
    return {**plain, "style": style} if style else plain


def actions(*buttons: Block) -> Block:
    """Returns a row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def moment(text: str) -> str:
    """Returns an RFC 3339 time as people read it."""
    return text.replace("T", " ").replace("Z", " UTC")


def cut(text: str, limit: int = LINE_CHARACTERS) -> str:
    """Returns text of at most so many characters."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def escape(text: str) -> str:
    """Escapes what Slack would read as a link or a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
