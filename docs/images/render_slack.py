"""Draws slack.png: what the alerts process and the Slack app send, as Slack shows it.

The messages come from the code itself; only Slack's looks are imitated. Run from the repository root:
``python docs/images/render_slack.py``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).parents[2]))

from admission.slack.approval import Bounds, plan_approval
from admission.slack.offer import offer
from common.alerts.notice import CRITICAL, Notice
from common.alerts.slack_blocks import message
from common.api.core import ObjectReference
from common.api.meta import ObjectMeta
from common.api.policy import PolicySpec, PowerCappingPolicy, UpdatePolicy

WIDTH, MARGIN, LINE, SIZE = 920, 24, 25, 16
INK, GREY, RULE, PAPER = "#1d1c1d", "#616061", "#dddddd", "#ffffff"
GREEN, CODE = "#007a5a", "#c01343"
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
MARKS = {":red_circle:": "#e01e5a", ":large_orange_circle:": "#f2952f", ":white_check_mark:": GREEN}
SPANS = re.compile(r"(\*[^*]+\*|`[^`]+`|:[a-z_]+:)")
ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


def font(name: str, size: int = SIZE) -> ImageFont.FreeTypeFont:
    """Returns a font that comes with matplotlib."""
    return ImageFont.truetype(str(FONTS / f"{name}.ttf"), size)


PLAIN, BOLD, FIXED = font("DejaVuSans"), font("DejaVuSans-Bold"), font("DejaVuSansMono", SIZE - 2)
TITLE = font("DejaVuSans-Bold", SIZE + 4)


class Page:
    """A column of text that grows downwards."""

    def __init__(self) -> None:
        self._image = Image.new("RGB", (WIDTH, 4000), PAPER)
        self._draw = ImageDraw.Draw(self._image)
        self._y = MARGIN

    def sender(self, name: str, note: str) -> None:
        """Begins a message."""
        self._draw.rounded_rectangle((MARGIN, self._y, MARGIN + 36, self._y + 36), 6, fill="#2a6f97")
        self._draw.text((MARGIN + 11, self._y + 8), "W", font=BOLD, fill=PAPER)
        self._draw.text((MARGIN + 50, self._y), name, font=BOLD, fill=INK)
        self._draw.text((MARGIN + 50 + BOLD.getlength(name) + 10, self._y + 1), note, font=PLAIN, fill=GREY)
        self._y += 32

    def block(self, block: dict[str, Any]) -> None:
        """Draws one block of a message."""
        if block["type"] == "header":
            self._lines(block["text"]["text"], TITLE, 32)
        elif block["type"] == "actions":
            self._buttons(block["elements"])
        else:
            for line in block["text"]["text"].split("\n"):
                self._line(line)
        self._y += 8

    def rule(self) -> None:
        """Draws a line between two messages."""
        self._y += 10
        self._draw.line((MARGIN, self._y, WIDTH - MARGIN, self._y), fill=RULE)
        self._y += 18

    def save(self, path: Path) -> None:
        """Writes what has been drawn."""
        self._image.crop((0, 0, WIDTH, self._y + MARGIN)).save(path, optimize=True)

    def _lines(self, text: str, face: ImageFont.FreeTypeFont, height: int) -> None:
        self._draw.text((MARGIN + 50, self._y), text, font=face, fill=INK)
        self._y += height

    def _line(self, line: str) -> None:
        x = float(MARGIN + 50)
        for text, face, ink in spans(line):
            if text in MARKS:
                self._draw.ellipse((x, self._y + 3, x + 15, self._y + 18), fill=MARKS[text])
                x += 16
                continue
            for word in re.findall(r"\S+\s*|\s+", text):
                if x + face.getlength(word.rstrip()) > WIDTH - MARGIN:
                    x, self._y = float(MARGIN + 50), self._y + LINE
                self._draw.text((x, self._y), word, font=face, fill=ink)
                x += face.getlength(word)
        self._y += LINE

    def _buttons(self, elements: list[dict[str, Any]]) -> None:
        x = float(MARGIN + 50)
        for element in elements:
            text, primary = element["text"]["text"], element.get("style") == "primary"
            width = BOLD.getlength(text) + 28
            box = (x, self._y, x + width, self._y + 34)
            self._draw.rounded_rectangle(box, 5, fill=GREEN if primary else PAPER, outline="#bbbabb")
            self._draw.text((x + 14, self._y + 8), text, font=BOLD, fill=PAPER if primary else INK)
            x += width + 10
        self._y += 40


def spans(line: str) -> Iterator[tuple[str, ImageFont.FreeTypeFont, str]]:
    """Yields pieces of a line of Slack's markup, each with its font and colour."""
    for entity, sign in ENTITIES.items():
        line = line.replace(entity, sign)
    for part in filter(None, SPANS.split(line)):
        if part in MARKS:
            yield part, PLAIN, INK
        elif part.startswith("*") and part.endswith("*"):
            yield part[1:-1], BOLD, INK
        elif part.startswith("`") and part.endswith("`"):
            yield part[1:-1], FIXED, CODE
        else:
            yield part, PLAIN, INK


def notices() -> list[Notice]:
    """A policy over its cap that only advises, and one that is well again."""
    shared = {"name": "PolicyOverCap", "severity": CRITICAL, "group": "PolicyOverCap/llm"}
    return [
        Notice(
            fingerprint="a", subject=_subject("chat"), summary="Policy llm/chat draws more than its cap",
            detail="5,120 W of 4,000 W (128 %): over the cap by 1,120 W", advice="limit 8 GPUs to 430 W",
            started_at="2026-11-22T05:31:10Z", **shared,
        ),
        Notice(
            fingerprint="b", subject=_subject("embed"), summary="Policy llm/embed draws more than its cap",
            detail="1,030 W of 1,000 W (103 %): over the cap by 30 W", started_at="2026-11-22T05:20:00Z",
            ended_at="2026-11-22T05:29:35Z", **shared,
        ),
    ]  # fmt: skip


def _subject(name: str) -> ObjectReference:
    return ObjectReference(kind="PowerCappingPolicy", name=name, namespace="llm")


def offered() -> dict[str, Any]:
    """What pressing Approve shows."""
    policy = PowerCappingPolicy(
        metadata=ObjectMeta(name="chat", namespace="llm"),
        spec=PolicySpec(update_policy=UpdatePolicy(update_mode="Initial", levers=["PowerLimit"])),
    )
    return offer(plan_approval(policy, None, Bounds(("Frequency", "PowerLimit"), 60, 480))).to_wire()


def main() -> None:
    """Draws the alert, and what pressing Approve shows."""
    page = Page()
    page.sender("climatik", "APP  05:31")
    for block in message(notices(), buttons=True)["blocks"]:
        page.block(block)
    page.rule()
    page.sender("climatik", "APP  05:32   Only visible to you")
    for block in offered()["blocks"]:
        page.block(block)
    page.save(Path(__file__).parent / "slack.png")


if __name__ == "__main__":
    main()
