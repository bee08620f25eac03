"""When a server that refuses for now wants to be asked again."""

from __future__ import annotations


def retry_after_seconds(header: str) -> float | None:
    """Reads a ``Retry-After`` header; None where it is empty, a date, or anything but whole seconds."""
    text = header.strip()
    return float(text) if text.isascii() and text.isdigit() else None
