"""Words that conditions and Events share."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Returns ``1 node``, ``1,200 nodes``: a number with a noun that takes a plain s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
