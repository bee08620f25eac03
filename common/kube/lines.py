"""Splitting a byte stream into lines, of any length that real objects reach."""

from __future__ import annotations

from common.kube.errors import ConnectionFailed


class LineSplitter:
    """Takes chunks, gives complete lines.

    A line that spans many chunks is joined once, when its end arrives, so that long lines cost no more
    per byte than short ones.
    """

    def __init__(self, max_line_bytes: int) -> None:
        self._max = max_line_bytes
        self._parts: list[bytes] = []
        self._pending = 0

    @property
    def pending_bytes(self) -> int:
        """Bytes of a line whose end has not arrived; above zero at the end of a stream it was cut off."""
        return self._pending

    def feed(self, chunk: bytes) -> list[bytes]:
        """Returns the lines that this chunk completes, without line ends and without empty lines.

        Raises:
            ConnectionFailed: A line is longer than the sanity bound.
        """
        if b"\n" not in chunk:
            self._keep(chunk)
            return []
        lines = chunk.split(b"\n")
        lines[0] = b"".join([*self._parts, lines[0]])
        self._parts, self._pending = [], 0
        self._keep(lines.pop())
        return [line for line in lines if line]

    def _keep(self, part: bytes) -> None:
        if part:
            self._parts.append(part)
            self._pending += len(part)
        if self._pending > self._max:
            raise ConnectionFailed(
                f"a watch event is longer than {self._max} bytes: raise ClientSettings.max_line_bytes"
            )
