"""A connection without a network: what it is fed, and what it wrote."""

import asyncio

from admission.connection import Bounds, Connection, Exchange, Room


class Wire(asyncio.Transport):
    """What the connection writes to."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.closed = self.aborted = self.paused = False

    def write(self, data):
        self.sent += bytes(data)

    def close(self):
        self.closed = True

    def abort(self):
        self.aborted = True

    def is_closing(self):
        return self.closed or self.aborted

    def pause_reading(self):
        self.paused = True

    def resume_reading(self):
        self.paused = False

    def statuses(self):
        return [int(part[:3]) for part in self.sent.split(b"HTTP/1.1 ")[1:]]

    def bodies(self):
        return [part.partition(b"\r\n\r\n")[2] for part in self.sent.split(b"HTTP/1.1 ")[1:]]


class Setup:
    """A connection that answers with the body in angle brackets, and what it reported."""

    def __init__(self, room: Room | None = None) -> None:
        self.refused, self.seconds, self.gone = [], [], []
        exchange = Exchange(
            answer=lambda path, body: None if path == b"/other" else b"<" + body + b">",
            refused=self.refused.append,
            finished=self.seconds.append,
            opened=lambda _: None,
            closed=self.gone.append,
        )
        self.room = room or Room(1000)
        self.connection = Connection(exchange, Bounds(100, 1.5, self.room))
        self.wire = Wire()
        self.connection.connection_made(self.wire)

    def feed(self, *parts):
        for part in parts:
            self.connection.data_received(part)


def post(body: bytes, *fields: bytes, path: bytes = b"/", version: bytes = b"1.1") -> bytes:
    """Returns a whole request."""
    start = b"POST %b HTTP/%b" % (path, version)
    return b"\r\n".join([start, b"Host: x", b"Content-Length: %d" % len(body), *fields, b"", b""]) + body
