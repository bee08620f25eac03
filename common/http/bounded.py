"""Bodies of answers that shall not fill our memory."""

from __future__ import annotations

import aiohttp


async def read_at_most(content: aiohttp.StreamReader, most_bytes: int) -> bytes | None:
    """Reads a body to its end; None where it is longer than that."""
    parts: list[bytes] = []
    left = most_bytes
    while part := await content.readany():
        parts.append(part)
        left -= len(part)
        if left < 0:
            return None
    return b"".join(parts)
