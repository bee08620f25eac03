"""The bytes of HTTP/1.1 answers."""

from __future__ import annotations

from email.utils import formatdate
from http import HTTPStatus
from time import time
from typing import Final

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class _Date:
    """The Date field, made once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._line = b""

    def line(self) -> bytes:
        second = int(time())
        if second != self._second:
            self._second = second
            self._line = f"Date: {formatdate(second, usegmt=True)}\r\n".encode("ascii")
        return self._line


_date: Final = _Date()


def ok(body: bytes, *, keep_alive: bool) -> bytes:
    """Returns a 200 with a JSON body."""
    end = b"\r\n" if keep_alive else b"Connection: close\r\n\r\n"
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%b%b"
        % (len(body), _date.line(), end)
        + body
    )


def refusal(status: int) -> bytes:
    """Returns an answer that ends the connection, with the standard phrase as its text."""
    phrase = HTTPStatus(status).phrase
    allow = "Allow: POST\r\n" if status == HTTPStatus.METHOD_NOT_ALLOWED else ""
    head = f"HTTP/1.1 {status} {phrase}\r\nContent-Type: text/plain\r\nContent-Length: {len(phrase) + 1}\r\n"
    return f"{head}{allow}Connection: close\r\n".encode("ascii") + _date.line() + f"\r\n{phrase}\n".encode()
