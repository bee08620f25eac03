"""Answers as Slack takes them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from common.alerts.slack_text import Block, cut, section

_TEXT_CHARACTERS = 2900


@dataclass(frozen=True)
class Reply:
    """An answer.

    Attributes:
        text: In Slack's markup, already escaped.
        blocks: More than text: buttons.
        shared: Seen by the whole channel rather than by who asked: what was changed, and by whom.
        replaces: Takes the place of the message whose button was pressed.
    """

    text: str
    blocks: Sequence[Block] = ()
    shared: bool = False
    replaces: bool = False

    def to_wire(self) -> dict[str, Any]:
        """Returns the message."""
        text = cut(self.text, _TEXT_CHARACTERS)
        return {
            "response_type": "in_channel" if self.shared else "ephemeral",
            "replace_original": self.replaces,
            "text": text,
            "blocks": [section(text), *self.blocks],
        }
