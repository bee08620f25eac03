"""One connection: however the bytes arrive, each request is answered once, in order, within its bounds."""

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admission.connection import Room
from tests.unit.admission.connection_for_tests import Setup, post


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
async def test_a_byte_now_and_then_does_not_put_the_deadline_off(setup):
    for byte in post(b"abc")[:8]:
        setup.feed(bytes([byte]))
        await asyncio.sleep(0.2)
    assert setup.wire.statuses() == [408]


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


async def test_large_bodies_under_way_share_one_room():
    room = Room(150)
    first, second = Setup(room), Setup(room)
    first.feed(post(b"a" * 100)[:-1])
    second.feed(post(b"b" * 51)[:-1])
    assert second.wire.statuses() == [503]
    assert second.wire.closed
    first.feed(b"a")
    assert first.wire.statuses() == [200]


ENDS = {
    "answered": (lambda made: made.feed(b"a"), [200]),
    "refused": (lambda made: made.connection._refuse(408), [408]),
    "lost": (lambda made: made.connection.connection_lost(None), []),
}


@pytest.mark.parametrize(("end", "statuses"), ENDS.values(), ids=ENDS.keys())
async def test_room_is_given_back_whatever_becomes_of_the_request(end, statuses):
    room = Room(100)
    made = Setup(room)
    made.feed(*(bytes([byte]) for byte in post(b"a" * 100)[:-1]))
    assert not room.take(1)
    end(made)
    assert made.wire.statuses() == statuses
    assert room.take(100)
    assert not room.take(1)


async def test_bodies_that_come_whole_need_no_room():
    made = Setup(Room(0))
    made.feed(post(b"a" * 100) + post(b"b" * 100))
    assert made.wire.statuses() == [200, 200]
