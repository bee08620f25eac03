"""Heads of requests: what an API server sends is read, what is ambiguous is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admission.request_head import RefusedRequest, RequestHead, parse_head

GO = (
    b"POST /mutate-pods?timeout=2s HTTP/1.1\r\nHost: climatik-admission.climatik-project.svc:443\r\n"
    b"User-Agent: kube-apiserver-admission\r\nContent-Length: 4200\r\nAccept: application/json, */*\r\n"
    b"Content-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n"
)


def request(*lines: bytes, start: bytes = b"POST / HTTP/1.1") -> bytes:
    return b"\r\n".join([start, b"Host: x", *lines, b"", b""])


def test_head_of_an_api_server_is_read():
    assert parse_head(GO) == RequestHead(b"POST", b"/mutate-pods", 4200, True, False)


READ = {
    "close is honoured": (request(b"Connection: close"), {"keep_alive": False}),
    "close among others": (request(b"connection: Upgrade , CLOSE"), {"keep_alive": False}),
    "HTTP/1.0 closes": (request(start=b"POST / HTTP/1.0"), {"keep_alive": False}),
    "HTTP/1.0 asks to go on": (
        request(b"Connection: keep-alive", start=b"POST / HTTP/1.0"),
        {"keep_alive": True},
    ),
    "length without spaces": (request(b"Content-Length:7"), {"body_bytes": 7}),
    "length with spaces": (request(b"Content-Length: \t 7 \t"), {"body_bytes": 7}),
    "no length is no body": (request(), {"body_bytes": 0}),
    "continue": (request(b"Expect: 100-continue"), {"expects_continue": True}),
    "HTTP/1.0 cannot be told to go on": (
        request(b"Expect: 100-continue", start=b"POST / HTTP/1.0"),
        {"expects_continue": False},
    ),
    "length inside another field": (request(b"X: Content-Length: 9"), {"body_bytes": 0}),
}


@pytest.mark.parametrize(("head", "expected"), READ.values(), ids=READ.keys())
def test_field_is_understood(head, expected):
    parsed = parse_head(head)
    assert {name: getattr(parsed, name) for name in expected} == expected


REFUSED = {
    "two lengths": (request(b"Content-Length: 1", b"Content-Length: 2"), 400),
    "the same length twice": (request(b"Content-Length: 1", b"content-length: 1"), 400),
    "length and chunks": (request(b"Content-Length: 1", b"Transfer-Encoding: chunked"), 400),
    "chunks": (request(b"Transfer-Encoding: chunked"), 411),
    "negative length": (request(b"Content-Length: -1"), 400),
    "signed length": (request(b"Content-Length: +1"), 400),
    "list of lengths": (request(b"Content-Length: 1, 1"), 400),
    "empty length": (request(b"Content-Length:"), 400),
    "endless length": (request(b"Content-Length: " + b"9" * 30), 400),
    "space before the colon": (request(b"Content-Length : 1"), 400),
    "folded line": (request(b"X: a", b" b"), 400),
    "bare line feed": (b"POST / HTTP/1.1\nHost: x\n\r\n\r\n", 400),
    "line feed inside a field": (request(b"X: a\nContent-Length: 1"), 400),
    "carriage return inside a field": (request(b"X: a\rb"), 400),
    "zero byte": (request(b"X: \x00"), 400),
    "no host": (b"POST / HTTP/1.1\r\n\r\n", 400),
    "another version": (request(start=b"POST / HTTP/2.0"), 400),
    "two spaces": (request(start=b"POST  / HTTP/1.1"), 400),
    "TLS hello": (b"\x16\x03\x01\r\n\r\n", 400),
}


@pytest.mark.parametrize(("head", "status"), REFUSED.values(), ids=REFUSED.keys())
def test_head_is_refused(head, status):
    with pytest.raises(RefusedRequest) as refused:
        parse_head(head)
    assert refused.value.status == status


@pytest.mark.timeout(20)
def test_time_does_not_grow_faster_than_the_head():
    """Quadratic time would take minutes here, and in the server keep everybody else waiting."""
    value = b"x" + b" " * 500_000 + b"x"
    parsed = parse_head(request(b"Expect:" + value, b"Connection: " + value))
    assert (parsed.keep_alive, parsed.expects_continue) == (True, False)


@given(st.binary(max_size=300).map(lambda middle: b"POST / HTTP/1.1\r\nHost: x\r\n" + middle + b"\r\n\r\n"))
def test_no_bytes_break_the_parser(head):
    with suppress(RefusedRequest):
        assert parse_head(head).body_bytes >= 0
