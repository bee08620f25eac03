"""A load generator for HTTPS, in a process of its own: one request again and again over kept connections.

Closed loop: every connection always has a request under way; the server sets the pace. Open loop: requests
arrive at random at a stated mean rate, whatever the server does, and a request's latency counts from its
arrival, so that waiting for a free connection is not left out.
"""

from __future__ import annotations

import json
import os
import random
import re
import selectors
import socket
import ssl
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.quantile import quantile

_REPOSITORY = Path(__file__).resolve().parents[2]
_STALLED_SECONDS = 10.0
_SEED = 8
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


@dataclass(frozen=True)
class Load:
    """What to send.

    Attributes:
        port: On 127.0.0.1.
        request: Head and body.
        status: What every answer must be.
        connections: Kept open at once.
        requests: To send in all; the first tenth is not counted.
        rate_per_second: Mean rate of arrivals; 0 for a closed loop.
        ca_file: Whom to trust.
        certificate: Certificate and key files of the client, or nothing.
        core: CPU core to run on; -1 for any.
    """

    port: int
    request: str
    status: int
    connections: int
    requests: int
    ca_file: str
    rate_per_second: float = 0.0
    certificate: tuple[str, ...] = ()
    core: int = -1


@dataclass(frozen=True)
class Outcome:
    """Latencies in seconds in the order of answers, and how long all of it took."""

    latencies: list[float]
    seconds: float

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def milliseconds(self, share: float) -> float:
        """Returns a quantile of the latencies."""
        return 1e3 * quantile(self.latencies, share)


def send(load: Load) -> Outcome:
    """Runs the load in a process of its own."""
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.admission.load"],
        input=json.dumps(asdict(load)),
        capture_output=True,
        text=True,
        cwd=_REPOSITORY,
        check=False,
    )
    if answer.returncode != 0:
        raise RuntimeError(f"the load generator failed: {answer.stderr.strip()[-2000:]}")
    return Outcome(**json.loads(answer.stdout))


class _Line:
    """One connection with at most one request under way."""

    def __init__(self, load: Load, context: ssl.SSLContext) -> None:
        plain = socket.create_connection(("127.0.0.1", load.port), timeout=_STALLED_SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(plain, server_hostname="127.0.0.1")
        self.socket.setblocking(False)
        self._request = load.request.encode()
        self._expected = b"HTTP/1.1 %d " % load.status
        self._answer = b""
        self.since = 0.0

    def ask(self, since: float) -> None:
        """Sends the request; its latency counts from ``since``."""
        self.since = since
        self._answer = b""
        self.socket.settimeout(_STALLED_SECONDS)
        self.socket.sendall(self._request)
        self.socket.setblocking(False)

    def answered(self) -> bool:
        """Reads what is there; True once the whole answer is."""
        while True:
            try:
                part = self.socket.recv(65_536)
            except ssl.SSLWantReadError:
                break
            if not part:
                raise ConnectionError("the server closed a connection")
            self._answer += part
        return self._is_whole()

    def _is_whole(self) -> bool:
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(self._expected):
            raise ConnectionError(f"not {self._expected.decode()}but {self._answer[:500]!r}")
        match = _LENGTH.search(head)
        if match is None:  # the API server answers in chunks; the last one is empty
            return body.endswith(b"\r\n0\r\n\r\n")
        return len(body) >= int(match[1])


class _Generator:
    def __init__(self, load: Load) -> None:
        self._load = load
        context = ssl.create_default_context(cafile=load.ca_file)
        if load.certificate:
            context.load_cert_chain(*load.certificate)
        self._selector = selectors.DefaultSelector()
        self._idle: deque[_Line] = deque()
        for _ in range(load.connections):
            line = _Line(load, context)
            self._selector.register(line.socket, selectors.EVENT_READ, line)
            self._idle.append(line)
        self._waiting: deque[float] = deque()
        self._arrivals: deque[float] = deque()
        self.latencies: list[float] = []

    def run(self) -> Outcome:
        started = time.perf_counter()
        self._arrivals.extend(self._moments(started))
        while len(self.latencies) < self._load.requests:
            timeout = self._arrive()
            while self._idle and self._waiting:
                self._idle.popleft().ask(self._waiting.popleft())
            self._collect(timeout)
        warm = len(self.latencies) // 10
        return Outcome(self.latencies[warm:], (time.perf_counter() - started) * 0.9)

    def _moments(self, started: float) -> Iterator[float]:
        """When each request arrives; in a closed loop all of them do at once."""
        rate, chance = self._load.rate_per_second, random.Random(_SEED)
        for _ in range(self._load.requests):
            started += chance.expovariate(rate) if rate else 0.0
            yield started

    def _arrive(self) -> float:
        """Takes in what has arrived by now, and returns the seconds until the next arrival."""
        now = time.perf_counter()
        if not self._load.rate_per_second:
            ready = min(len(self._idle), len(self._arrivals))
            self._waiting.extend(now for _ in range(ready) if self._arrivals.popleft())
            return _STALLED_SECONDS
        while self._arrivals and self._arrivals[0] <= now:
            self._waiting.append(self._arrivals.popleft())
        return self._arrivals[0] - now if self._arrivals else _STALLED_SECONDS

    def _collect(self, timeout: float) -> None:
        for key, _ in self._selector.select(max(0.0, timeout)):
            line: _Line = key.data
            if line.answered():
                self.latencies.append(time.perf_counter() - line.since)
                self._idle.append(line)


def main() -> None:
    given: dict[str, Any] = json.load(sys.stdin)
    load = Load(**given | {"certificate": tuple(given["certificate"])})
    if load.core >= 0:
        os.sched_setaffinity(0, {load.core})
    json.dump(asdict(_Generator(load).run()), sys.stdout)


if __name__ == "__main__":
    main()
