"""Only an answer of 200 means that a program is ready."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from deploy.local.health import answers
from deploy.local.ports import free_ports

ANSWERS = {
    "ready": (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", True),
    "not ready": (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", False),
    "another success": (b"HTTP/1.1 204 No Content\r\n\r\n", False),
    "no HTTP": (b"220 mail.example.com ESMTP\r\n", False),
    "nothing": (b"", False),
}


@contextmanager
def serving(answer: bytes) -> Iterator[str]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(4096)
            self.request.sendall(answer)

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/readyz"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", ANSWERS)
def test_what_counts_as_ready(name: str) -> None:
    answer, ready = ANSWERS[name]
    with serving(answer) as url:
        assert answers(url) is ready


def test_nobody_there() -> None:
    (port,) = free_ports(1)
    assert not answers(f"http://127.0.0.1:{port}/readyz")
