"""The blocking client: errors by class, deadlines, and a fresh start after either."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from common.twin.errors import CallTimeoutError, ConnectionLostError, OutOfRangeError, TwinError
from common.twin.messages import Failure, Reply, Request
from common.twin.wire import AdminClient, TwinClient

Answer = Callable[[Request], Reply | None]


class ScriptedHost:
    """Answers requests as told; None leaves one without an answer, a raised EOFError hangs up."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answer: Answer = lambda request: Reply(id=request.id)
        self.requests: list[Request] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                self._serve(connection, lines)

    def _serve(self, connection: socket.socket, lines: Iterator[bytes]) -> None:
        for line in lines:
            request = msgspec.json.decode(line, type=Request)
            self.requests.append(request)
            try:
                reply = self.answer(request)
            except EOFError:
                return
            if reply is not None:
                connection.sendall(msgspec.json.encode(reply) + b"\n")


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ScriptedHost]:
    scripted = ScriptedHost(tmp_path / "twin.sock")
    yield scripted
    scripted.close()


def test_a_call_carries_node_device_and_arguments(host: ScriptedHost) -> None:
    with TwinClient(host.path, "node-1") as client:
        client.set_power_limit("GPU-0", 300.0)
    sent = host.requests[0]
    assert (sent.verb, sent.node, sent.device, sent.arguments) == (
        "set_power_limit",
        "node-1",
        "GPU-0",
        {"watts": 300.0},
    )


def test_failures_arrive_by_class(host: ScriptedHost) -> None:
    host.answer = lambda request: Reply(
        id=request.id, error=Failure(kind="OutOfRangeError", message="too low")
    )
    with TwinClient(host.path, "node-1") as client, pytest.raises(OutOfRangeError, match="too low"):
        client.set_power_limit("GPU-0", 1.0)


def test_failures_of_an_unknown_class_are_still_errors(host: ScriptedHost) -> None:
    host.answer = lambda request: Reply(
        id=request.id, error=Failure(kind="ValueError", message="no such verb")
    )
    with AdminClient(host.path) as client, pytest.raises(TwinError, match="no such verb"):
        client.nodes()


def test_a_deadline_ends_the_wait_and_the_next_call_works(host: ScriptedHost) -> None:
    host.answer = lambda request: None
    with AdminClient(host.path, deadline_seconds=0.05) as client:
        with pytest.raises(CallTimeoutError, match=r"nodes .* 0.05 s"):
            client.nodes()
        host.answer = lambda request: Reply(id=request.id, result=["node-1"])
        assert client.nodes() == ["node-1"]


def test_a_host_that_hangs_up_is_named_and_the_next_call_connects_again(host: ScriptedHost) -> None:
    def hang_up(_request: Request) -> Reply | None:
        raise EOFError

    host.answer = hang_up
    with AdminClient(host.path) as client:
        with pytest.raises(ConnectionLostError, match="hung up"):
            client.nodes()
        host.answer = lambda request: Reply(id=request.id, result=[])
        assert client.nodes() == []


def test_no_host_is_named(tmp_path: Path) -> None:
    with (
        AdminClient(tmp_path / "absent.sock") as client,
        pytest.raises(ConnectionLostError, match=r"absent\.sock"),
    ):
        client.nodes()
