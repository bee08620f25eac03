"""One unary gRPC call over a Unix socket, on ``h2``: 1.4 MiB of memory, where grpcio takes 10.

Protocol: github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md. A connection per call: a call every few
seconds needs no more, and a kubelet that started again is found without any further care.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError

from nodeagent.pods.errors import (
    KubeletRefusedError,
    KubeletSilentError,
    SocketMissingError,
    UnreadableAnswerError,
)

_LARGEST_ANSWER_BYTES = 4 * 1024 * 1024
"""What gRPC itself takes by default; a node with 500 pods answers with about a hundred KiB."""
_PREFIX_BYTES = 5
"""Before each message: a byte that says whether it is compressed, and its length."""
_STREAM = 1
_STATUS = (
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
    "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
)  # fmt: skip


async def call(path: Path, method: str, request: bytes, deadline_seconds: float) -> bytes:
    """Calls a method and returns its answer, still encoded.

    Args:
        path: The socket.
        method: ``/package.Service/Method``.
        request: The encoded request.
        deadline_seconds: For connecting and the whole answer.

    Raises:
        PodResourcesError: Of the kind that says what would help.
    """
    try:
        async with asyncio.timeout(deadline_seconds):
            return await _call(path, method, request, deadline_seconds)
    except TimeoutError as error:
        raise KubeletSilentError(f"no answer within {deadline_seconds:g} s") from error
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise SocketMissingError(f"nothing listens at {path}") from error
    except OSError as error:
        raise SocketMissingError(f"{path}: {error.strerror or error}") from error
    except ProtocolError as error:
        raise UnreadableAnswerError(f"no HTTP/2: {error or type(error).__name__}") from error


async def _call(path: Path, method: str, request: bytes, deadline_seconds: float) -> bytes:
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        connection = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        connection.initiate_connection()
        connection.send_headers(_STREAM, _request_headers(method, deadline_seconds))
        prefix = b"\x00" + len(request).to_bytes(4, "big")
        connection.send_data(_STREAM, prefix + request, end_stream=True)
        answer = _Answer(connection)
        while not answer.complete:
            writer.write(connection.data_to_send())
            await writer.drain()
            received = await reader.read(65_536)
            if not received:
                raise UnreadableAnswerError("the connection was closed before the answer was complete")
            answer.take_in(connection.receive_data(received))
        return answer.message()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _request_headers(method: str, deadline_seconds: float) -> list[tuple[str, str]]:
    return [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", method),
        (":authority", "localhost"),
        ("te", "trailers"),
        ("grpc-timeout", f"{round(deadline_seconds * 1000)}m"),
        ("content-type", "application/grpc"),
    ]


class _Answer:
    """Collects what comes back on the one stream of a connection."""

    def __init__(self, connection: H2Connection) -> None:
        self.complete = False
        self._connection = connection
        self._headers: dict[str, str] = {}
        self._data = bytearray()

    def take_in(self, events: Iterable[Event]) -> None:
        """Takes in what a piece of the connection's bytes amounted to."""
        for event in events:
            if isinstance(event, ResponseReceived | TrailersReceived):
                self._headers |= {str(name): str(value) for name, value in event.headers}
            elif isinstance(event, DataReceived):
                self._add(event)
            elif isinstance(event, StreamReset | ConnectionTerminated):
                raise UnreadableAnswerError(f"the kubelet ended the call: HTTP/2 error {event.error_code}")
            elif isinstance(event, StreamEnded):
                self.complete = True

    def message(self) -> bytes:
        """Returns the one message of a complete answer."""
        status = self._headers.get("grpc-status", "")
        if not status:
            raise UnreadableAnswerError(f"no gRPC: HTTP status {self._headers.get(':status', 'unknown')}")
        if status != "0":
            raise KubeletRefusedError(_status_name(status), unquote(self._headers.get("grpc-message", "")))
        length = int.from_bytes(self._data[1:_PREFIX_BYTES], "big")
        if len(self._data) != _PREFIX_BYTES + length or self._data[0] != 0:
            raise UnreadableAnswerError("the answer is not one uncompressed message")
        return bytes(self._data[_PREFIX_BYTES:])

    def _add(self, event: DataReceived) -> None:
        self._data += event.data or b""
        if len(self._data) > _LARGEST_ANSWER_BYTES:
            raise UnreadableAnswerError(f"the answer is longer than {_LARGEST_ANSWER_BYTES:,} bytes")
        self._connection.acknowledge_received_data(event.flow_controlled_length or 0, _STREAM)


def _status_name(status: str) -> str:
    known = status.isdecimal() and int(status) < len(_STATUS)
    return _STATUS[int(status)] if known else f"status {status[:20]}"
