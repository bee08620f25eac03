"""One connection: however the bytes arrive, each request is answered once, in order, within its bounds."""

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admission.connection import Bounds, Connection, Exchange


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
    def __init__(self) -> None:
        self.refused, self.seconds, self.gone = [], [], []
        exchange = Exchange(
            answer=lambda path, body: None if path == b"/other" else b"<" + body + b">",
            refused=self.refused.append,
            finished=self.seconds.append,
            opened=lambda _: None,
            closed=self.gone.append,
        )
        self.connection = Connection(exchange, Bounds(max_body_bytes=100, deadline_seconds=1.5))
        self.wire = Wire()
        self.connection.connection_made(self.wire)

    def feed(self, *parts):
        for part in parts:
            self.connection.data_received(part)


def post(body: bytes, *fields: bytes, path: bytes = b"/") -> bytes:
    lines = [b"POST " + path + b" HTTP/1.1", b"Host: x", b"Content-Length: %d" % len(body), *fields, b"", b""]
    return b"\r\n".join(lines) + body


@pytest.fixture
async def setup():
    return Setup()


async def test_one_after_the_other_is_answered_on_the_same_connection(setup):
    setup.feed(post(b"a"))
    setup.feed(post(b"b"))
    assert setup.wire.bodies() == [b"<a>", b"<b>"]
    assert len(setup.seconds) == 2
    assert not setup.wire.closed


async def test_pipelined_requests_are_answered_in_order(setup):
    setup.feed(post(b"a") + post(b"b") + post(b"c"))
    assert setup.wire.bodies() == [b"<a>", b"<b>", b"<c>"]


@given(
    bodies=st.lists(st.binary(max_size=40), min_size=1, max_size=4),
    cuts=st.lists(st.integers(0, 600), max_size=8),
)
@settings(max_examples=60)
def test_cutting_the_stream_anywhere_changes_nothing(bodies, cuts):
    async def fed():
        made = Setup()
        stream = b"".join(post(body) for body in bodies)
        edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
        made.feed(*(stream[a:b] for a, b in itertools.pairwise(edges)))
        return made

    made = asyncio.run(fed())
    assert made.wire.sent.count(b"HTTP/1.1 200") >= len(bodies)
    assert len(made.seconds) == len(bodies)
    assert made.wire.sent.endswith(b"<" + bodies[-1] + b">")


async def test_client_that_asks_is_told_to_go_on(setup):
    request = post(b"a", b"Expect: 100-continue")
    setup.feed(request[:-1])
    assert setup.wire.statuses() == [100]
    setup.feed(request[-1:])
    assert setup.wire.statuses() == [100, 200]


async def test_connection_is_closed_after_the_answer_where_the_client_says_so(setup):
    setup.feed(post(b"a", b"Connection: close") + post(b"never"))
    assert setup.wire.statuses() == [200]
    assert b"Connection: close" in setup.wire.sent
    assert setup.wire.closed


REFUSED = {
    "body over the limit": (post(b"x" * 101), 413),
    "head without end": (b"POST / HTTP/1.1\r\nX: " + b"x" * 20_000, 431),
    "malformed": (b"nonsense\r\n\r\n", 400),
    "chunks": (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
    "GET": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    "another path": (post(b"", path=b"/other"), 404),
}


@pytest.mark.parametrize(("stream", "status"), REFUSED.values(), ids=REFUSED.keys())
async def test_request_is_refused_and_the_connection_closed(setup, stream, status):
    setup.feed(stream, post(b"after"))
    assert setup.wire.statuses() == [status]
    assert setup.wire.closed
    assert setup.refused == [status]


@pytest.mark.looptime
async def test_request_that_does_not_end_is_given_up_at_the_deadline(setup):
    setup.feed(post(b"abc")[:-1])
    await asyncio.sleep(1.4)
    assert setup.wire.statuses() == []
    await asyncio.sleep(0.2)
    assert setup.wire.statuses() == [408]
    assert setup.wire.closed


@pytest.mark.looptime
async def test_deadline_counts_for_one_request_only(setup):
    first = post(b"a")
    setup.feed(first[:-1])
    await asyncio.sleep(1.0)
    setup.feed(first[-1:] + post(b"b")[:-1])
    await asyncio.sleep(1.0)
    setup.feed(b"b")
    await asyncio.sleep(10)
    assert setup.wire.statuses() == [200, 200]


async def test_client_that_does_not_read_gets_no_further_work_until_it_does(setup):
    setup.connection.pause_writing()
    setup.feed(post(b"a"))
    assert (setup.wire.statuses(), setup.wire.paused) == ([], True)
    setup.connection.resume_writing()
    assert (setup.wire.statuses(), setup.wire.paused) == ([200], False)


async def test_finish_closes_an_idle_connection_at_once(setup):
    setup.connection.finish()
    assert setup.wire.closed


async def test_finish_lets_the_request_in_flight_end(setup):
    request = post(b"a")
    setup.feed(request[:-1])
    setup.connection.finish()
    assert not setup.wire.closed
    setup.feed(request[-1:])
    assert setup.wire.statuses() == [200]
    assert setup.wire.closed


@pytest.mark.looptime
async def test_lost_connection_leaves_no_timer_behind(setup):
    setup.feed(post(b"a")[:-1])
    setup.connection.connection_lost(None)
    await asyncio.sleep(5)
    assert setup.gone == [setup.connection]
    assert setup.refused == []
