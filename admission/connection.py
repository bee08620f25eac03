"""One connection of an API server: HTTP/1.1 with keep-alive, bounded in size and time.

Made by hand because a request costs a general framework more than all of our own work on it: at 50
connections at once that is the difference between 6 ms and 18 ms of waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from admission.request_head import END, MAX_HEAD_BYTES, RefusedRequest, RequestHead, parse_head
from admission.responses import CONTINUE, ok, refusal

IDLE_SECONDS: Final = 120.0
"""Longer than an API server keeps an idle connection (90 s), so that it is the client who ends it."""


@dataclass(frozen=True)
class Bounds:
    """What a client may ask of us.

    Attributes:
        max_body_bytes: Larger bodies get 413.
        deadline_seconds: From the first byte of a request to its last one; 408 after that.
        room: For bodies that have not arrived in full; 503 where there is none left.
    """

    max_body_bytes: int
    deadline_seconds: float
    room: Room


class Room:
    """Memory for bodies that have not arrived in full, shared by all connections.

    Without it some hundred clients that each send most of a large body would fill the process's memory.
    """

    def __init__(self, most_bytes: int) -> None:
        self._left_bytes = most_bytes

    def take(self, count: int) -> bool:
        """Sets bytes aside; False where so many are not left."""
        if count > self._left_bytes:
            return False
        self._left_bytes -= count
        return True

    def give_back(self, count: int) -> None:
        """Returns bytes that were set aside."""
        self._left_bytes += count


@dataclass(frozen=True)
class Exchange:
    """What a connection reports to.

    Attributes:
        answer: From the path and body of a POST to the body of its answer; None for an unknown path.
        refused: Called with the status of every refused request.
        finished: Called with the seconds from a request's first byte to its answer.
        opened: Called with the connection once its TLS handshake is done.
        closed: Called with the connection once it is gone.
    """

    answer: Callable[[bytes, bytes], bytes | None]
    refused: Callable[[int], None]
    finished: Callable[[float], None]
    opened: Callable[[Connection], None]
    closed: Callable[[Connection], None]


class Connection(asyncio.Protocol):
    """Reads one request after the other and answers each before it looks at the next.

    Answers come from memory, at once; so pipelined requests are answered in order without a queue.
    """

    def __init__(self, exchange: Exchange, bounds: Bounds) -> None:
        self._exchange = exchange
        self._bounds = bounds
        self._buffer = bytearray()
        self._head: RequestHead | None = None
        self._held_bytes = 0
        self._started = 0.0
        self._deadline: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._last = False
        self._writable = True
        self.idle_since = perf_counter()

    @property
    def in_request(self) -> bool:
        """Whether a request has begun to arrive and is not answered yet."""
        return self._head is not None or bool(self._buffer)

    def finish(self) -> None:
        """Closes the connection now, or after the request in flight."""
        self._last = True
        if not self.in_request:
            self._close()

    def abort(self) -> None:
        """Drops the connection."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._exchange.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        self._cancel_deadline()
        self._let_go()
        self._transport = None
        self._exchange.closed(self)

    def pause_writing(self) -> None:
        """Takes no more requests from a client that does not read its answers."""
        self._writable = False
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Goes on where a slow reader had stopped us."""
        self._writable = True
        if self._transport is not None:
            self._transport.resume_reading()
        self._work()

    def data_received(self, data: bytes) -> None:
        """Takes in what arrived and answers every request that it completes."""
        if self._transport is None or self._transport.is_closing():
            return
        if not self.in_request:
            self._started = perf_counter()
        self._buffer += data
        self._work()

    def _work(self) -> None:
        try:
            while self._writable and self._buffer and self._one():
                self._started = perf_counter()
        except RefusedRequest as refused:
            self._refuse(refused.status)
            return
        if self.in_request and self._deadline is None and self._writable:
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(self._bounds.deadline_seconds, self._refuse, 408)

    def _one(self) -> bool:
        """Answers one request if all of it is here; False if it is not, or if it was the last one."""
        head = self._head or self._take_head()
        if head is None:
            return False
        if len(self._buffer) < head.body_bytes:
            self._hold(head.body_bytes)
            return False
        body = bytes(memoryview(self._buffer)[: head.body_bytes])
        del self._buffer[: head.body_bytes]
        self._head = None
        self._cancel_deadline()
        self._let_go()
        return self._answer(head, body)

    def _hold(self, count: int) -> None:
        if self._held_bytes:
            return
        if not self._bounds.room.take(count):
            raise RefusedRequest(503, "too many large bodies at once")
        self._held_bytes = count

    def _let_go(self) -> None:
        self._bounds.room.give_back(self._held_bytes)
        self._held_bytes = 0

    def _take_head(self) -> RequestHead | None:
        end = self._buffer.find(END, 0, MAX_HEAD_BYTES)
        if end < 0:
            if len(self._buffer) >= MAX_HEAD_BYTES:
                raise RefusedRequest(431, "request head too large")
            return None
        head = parse_head(bytes(memoryview(self._buffer)[: end + len(END)]))
        if head.body_bytes > self._bounds.max_body_bytes:
            raise RefusedRequest(413, "body too large")
        if head.method != b"POST":
            raise RefusedRequest(405, "not a POST")
        del self._buffer[: end + len(END)]
        self._head = head
        if head.expects_continue and not self._buffer:
            self._write(CONTINUE)
        return head

    def _answer(self, head: RequestHead, body: bytes) -> bool:
        answer = self._exchange.answer(head.path, body)
        if answer is None:
            raise RefusedRequest(404, "no such path")
        keep_alive = head.keep_alive and not self._last
        self._write(ok(answer, keep_alive=keep_alive))
        self.idle_since = perf_counter()
        self._exchange.finished(self.idle_since - self._started)
        if not keep_alive:
            self._buffer.clear()
            self._close()
        return keep_alive

    def _refuse(self, status: int) -> None:
        self._exchange.refused(status)
        self._buffer.clear()
        self._head = None
        self._let_go()
        self._write(refusal(status))
        self._close()

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _close(self) -> None:
        self._cancel_deadline()
        if self._transport is not None:
            self._transport.close()

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
