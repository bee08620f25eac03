"""The head of an HTTP/1.1 request, read strictly: what is not plainly valid is refused, never guessed at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MAX_HEAD_BYTES: Final = 16_384
"""Far above what an API server sends, and as much as common servers accept."""

END: Final = b"\r\n\r\n"

_TOKEN: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_HEAD: Final = re.compile(
    rb"(" + _TOKEN + rb") ([!-~]+) HTTP/1\.([01])\r\n((?:" + _TOKEN + rb":[\t -~\x80-\xff]*\r\n)*)\r\n"
)
_FIELD: Final = re.compile(
    rb"^(content-length|transfer-encoding|connection|expect|host):([^\r]*)\r$", re.I | re.M
)


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What a request says before its body.

    Attributes:
        method: As sent; methods are case-sensitive.
        path: The target without its query.
        body_bytes: Length of the body that follows.
        keep_alive: Whether the client wants to go on with this connection.
        expects_continue: Whether the client waits to be asked for the body.
    """

    method: bytes
    path: bytes
    body_bytes: int
    keep_alive: bool
    expects_continue: bool


class RefusedRequest(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The request is answered with ``status`` and the connection is closed."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def parse_head(head: bytes) -> RequestHead:
    """Parses a head, its empty line included (RFC 9112, sections 3 and 5 to 7).

    Raises:
        RefusedRequest: The head is malformed, or its body comes without a length (chunked).
    """
    match = _HEAD.fullmatch(head)
    if match is None:
        raise RefusedRequest(400, "malformed request head")
    method, target, minor, lines = match.groups()
    fields = _fields(lines)
    if b"host" not in fields and minor == b"1":
        raise RefusedRequest(400, "no Host")
    connection = fields.get(b"connection", b"").lower()
    tokens = [token.strip() for token in connection.split(b",")]
    keep_alive = b"close" not in tokens and (minor == b"1" or b"keep-alive" in tokens)
    expects = minor == b"1" and fields.get(b"expect", b"").lower() == b"100-continue"
    return RequestHead(method, target.partition(b"?")[0], _length(fields), keep_alive, expects)


def _fields(lines: bytes) -> dict[bytes, bytes]:
    fields: dict[bytes, bytes] = {}
    for name, padded in _FIELD.findall(lines):
        # Trimmed here: an expression that leaves spaces at the end out takes quadratic time over many.
        key, value = name.lower(), padded.strip(b" \t")
        if key in fields and key != b"connection":
            # Two lengths are how requests are smuggled past whoever reads the other one.
            raise RefusedRequest(400, f"{key.decode()} twice")
        fields[key] = fields[key] + b"," + value if key in fields else value
    return fields


def _length(fields: dict[bytes, bytes]) -> int:
    length = fields.get(b"content-length")
    if b"transfer-encoding" in fields:
        if length is not None:
            raise RefusedRequest(400, "both Transfer-Encoding and Content-Length")
        raise RefusedRequest(411, "Transfer-Encoding; send a Content-Length")
    if length is None:
        return 0
    if not length.isdigit() or len(length) > 18:
        raise RefusedRequest(400, "malformed Content-Length")
    return int(length)
