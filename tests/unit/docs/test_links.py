"""Every relative link of every page leads to a file that is there, and to a heading that is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^\s*```.*?^\s*```", re.DOTALL | re.MULTILINE)


def _pages() -> list[Path]:
    folders = [ROOT, *(ROOT / name for name in ("docs", "deploy"))]
    found = {page for folder in folders for page in folder.glob("*.md" if folder == ROOT else "**/*.md")}
    return sorted(found)


def _prose(page: Path) -> str:
    return FENCED.sub("", page.read_text())


def _links(page: Path) -> Iterator[tuple[Path, str]]:
    """The file and the heading of every link that stays in the repository."""
    for link in LINK.findall(re.sub(r"`[^`\n]*`", "", _prose(page))):
        if not link.startswith(("http:", "https:", "mailto:")):
            file, _, heading = link.partition("#")
            yield ((page.parent / file).resolve() if file else page), heading


def _headings(page: Path) -> set[str]:
    titles = re.findall(r"^#{1,6}\s+(.*)$", _prose(page), re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).strip().lower() for title in titles)
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in plain}


@pytest.mark.parametrize("page", _pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for file, heading in _links(page):
        assert file.exists(), f"{file} is not there"
        assert not heading or heading in _headings(file), f"{file} has no heading {heading}"


def test_every_page_can_be_reached_from_another() -> None:
    reached = {file for page in _pages() for file, _ in _links(page) if file != page}
    assert set(_pages()) <= reached
