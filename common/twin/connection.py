"""One connection to the host of simulated devices: a request, then its reply, within a deadline."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import msgspec

from common.twin.errors import CallTimeoutError, ConnectionLostError, error_from_wire
from common.twin.messages import Reply, Request


class Connection:
    """One connection, one call at a time. Not thread-safe: give each device worker its own.

    A call that missed its deadline or lost its peer closes the connection, so that a late reply is never
    taken for the next one; the next call connects again.
    """

    def __init__(self, socket_path: str | Path, deadline_seconds: float) -> None:
        self._path = str(socket_path)
        self._deadline_seconds = deadline_seconds
        self._socket: socket.socket | None = None
        self._buffer = b""
        self._last_id = 0

    def call(self, verb: str, *, node: str = "", device: str = "", **arguments: Any) -> Any:
        """Sends a request and waits for its reply.

        Raises:
            TwinError: what the device refused, by its own class.
            CallTimeoutError: no reply before the deadline.
            ConnectionLostError: no such socket, or the peer hung up.
        """
        self._last_id += 1
        request = Request(id=self._last_id, verb=verb, node=node, device=device, arguments=arguments)
        try:
            reply = self._exchange(msgspec.json.encode(request) + b"\n")
        except TimeoutError as error:
            self.close()
            message = f"{verb} on {node}/{device} was not answered in {self._deadline_seconds} s"
            raise CallTimeoutError(message) from error
        except (OSError, msgspec.DecodeError) as error:
            self.close()
            raise ConnectionLostError(f"{self._path}: {error}") from error
        if reply.error is not None:
            raise error_from_wire(reply.error.kind, reply.error.message)
        return reply.result

    def close(self) -> None:
        """Closes the connection; the next call opens a new one."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._buffer = b""

    def _exchange(self, line: bytes) -> Reply:
        deadline = time.monotonic() + self._deadline_seconds
        connected = self._connect()
        connected.settimeout(self._deadline_seconds)
        connected.sendall(line)
        while b"\n" not in self._buffer:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError
            connected.settimeout(remaining)
            chunk = connected.recv(65536)
            if not chunk:
                raise ConnectionResetError("the peer hung up")
            self._buffer += chunk
        reply, _, self._buffer = self._buffer.partition(b"\n")
        return msgspec.json.decode(reply, type=Reply)

    def _connect(self) -> socket.socket:
        if self._socket is None:
            fresh = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            fresh.settimeout(self._deadline_seconds)
            try:
                fresh.connect(self._path)
            except OSError:
                fresh.close()
                raise
            self._socket = fresh
        return self._socket
