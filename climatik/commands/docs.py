"""``climatik docs``: reference pages made from the code, so that they cannot disagree with it."""

from __future__ import annotations

import argparse

from climatik.commands import Command
from climatik.docs.settings import render_page

_PAGES = {"settings": render_page}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "page",
        choices=sorted(_PAGES),
        help="settings: flag, environment twin, default, unit and reason of each",
    )


def _run(arguments: argparse.Namespace) -> int:
    print(_PAGES[arguments.page](), end="")
    return 0


COMMAND = Command(
    name="docs",
    summary="reference pages in Markdown, made from the code",
    add_arguments=_add_arguments,
    run=_run,
)
