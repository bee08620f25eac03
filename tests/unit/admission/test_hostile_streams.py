"""Requests of every kind, cut anywhere: answered in order, up to the first that ends the connection."""

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.admission.connection_for_tests import Setup, post

GOES_ON = {
    "plain": post(b"a"),
    "no body": post(b""),
    "HTTP/1.0 that goes on": post(b"a", b"Connection: keep-alive", version=b"1.0"),
    "asks to go on": post(b"a", b"Expect: 100-continue"),
    "HTTP/1.0 asks to go on": post(b"a", b"Expect: 100-continue", b"Connection: keep-alive", version=b"1.0"),
    "body like a request": post(post(b"")),
    "body like an end of a head": post(b"\r\n\r\n" * 20),
    "many spaces": post(b"a", b"X: " + b" " * 9000 + b"x"),
    "upgrade that nobody asked for": post(b"a", b"Connection: Upgrade", b"Upgrade: h2c"),
}
ENDS = {
    "HTTP/1.0": (post(b"a", version=b"1.0"), 200),
    "the client's last": (post(b"a", b"Connection: close"), 200),
    "chunks": (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 411),
    "chunks and a length": (post(b"0\r\n\r\n", b"Transfer-Encoding: chunked"), 400),
    "two lengths": (post(b"ab", b"Content-Length: 1"), 400),
    "head too large": (post(b"a", b"X: " + b"x" * 20_000), 431),
    "body too large": (post(b"a" * 101), 413),
    "body too large, asked for": (post(b"a" * 101, b"Expect: 100-continue"), 413),
    "another method": (b"DELETE / HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    "another path": (post(b"a", path=b"/other"), 404),
    "preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "bytes without sense": (b"\x00\xff\r\n\r\n", 400),
}


def statuses_of(*parts: bytes) -> list[int]:
    """Feeds a connection and returns the statuses of its answers, but for 100 (Continue)."""

    async def fed():
        made = Setup()
        made.feed(*parts)
        return made

    made = asyncio.run(fed())
    answered = [status for status in made.wire.statuses() if status != 100]
    assert len(made.seconds) + len(made.refused) == len(answered)
    assert made.wire.closed == (b"\r\nConnection: close\r\n" in made.wire.sent)
    return answered


def cut(stream: bytes, shares: list[float]) -> list[bytes]:
    """Returns the stream in pieces, cut at these shares of its length."""
    edges = sorted({0, len(stream), *(int(share * len(stream)) for share in shares)})
    return [stream[a:b] for a, b in itertools.pairwise(edges)]


@given(
    before=st.lists(st.sampled_from(sorted(GOES_ON)), max_size=4),
    end=st.sampled_from(sorted(ENDS)),
    after=st.binary(max_size=40),
    shares=st.lists(st.floats(0, 1), max_size=8),
)
@settings(max_examples=150)
def test_all_is_answered_up_to_the_request_that_ends_it(before, end, after, shares):
    last, status = ENDS[end]
    stream = b"".join(GOES_ON[name] for name in before) + last + after
    assert statuses_of(*cut(stream, shares)) == [200] * len(before) + [status]


@pytest.mark.parametrize("stream", GOES_ON.values(), ids=GOES_ON.keys())
def test_one_byte_at_a_time_is_the_same(stream):
    assert statuses_of(*(stream[i : i + 1] for i in range(len(stream)))) == [200]


@given(stream=st.binary(max_size=400), shares=st.lists(st.floats(0, 1), max_size=4))
@settings(max_examples=150)
def test_no_bytes_break_a_connection(stream, shares):
    assert all(status >= 400 for status in statuses_of(*cut(stream, shares)))


def test_client_of_http_1_0_is_never_told_to_go_on():
    async def fed():
        made = Setup()
        made.feed(GOES_ON["HTTP/1.0 asks to go on"][:-1])
        return made.wire.sent

    assert asyncio.run(fed()) == b""
