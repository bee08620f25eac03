"""The parent's side of a third party's process: starts it, asks it, and ends it when it misbehaves."""

from __future__ import annotations

import math
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from common.algorithms.errors import AlgorithmError
from common.algorithms.third_party.wire import HEADER, MOST_BYTES, Reply, Request, frame

_CHILD = Path(__file__).with_name("child.py")


@dataclass(frozen=True)
class Limits:
    """What a third party's process may use.

    Attributes:
        answer_seconds: Wall time until a plan is there.
        start_seconds: Wall time until the first answer, imports included.
        memory_mib: Address space; numpy alone needs about 200 MiB of it.
        retry_seconds: A process that failed is not started again before.
    """

    answer_seconds: float = 1.0
    start_seconds: float = 10.0
    memory_mib: int = 1024
    retry_seconds: float = 60.0


DEFAULT_LIMITS = Limits()


class ThirdPartyProcess:
    """One process, started at the first question and again after a failure.

    Args:
        entry: ``module:attribute`` of the algorithm.
        paths: Further folders to import from.
        limits: What it may use.
    """

    def __init__(self, entry: str, paths: Sequence[str] = (), limits: Limits = DEFAULT_LIMITS) -> None:
        self._entry = entry
        self._paths = tuple(paths)
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, request: Request) -> Reply:
        """Returns the answer to a request.

        Raises:
            AlgorithmError: It crashed, was too slow, or answered with an error or with nonsense.
        """
        fresh = self._process is None
        process = self._process = self._process or self._start()
        limit = self._limits.start_seconds if fresh else self._limits.answer_seconds
        deadline = time.monotonic() + limit
        try:
            _send(process, frame(request), deadline)
            reply = msgspec.msgpack.decode(_receive(process, deadline), type=Reply)
        except TimeoutError:
            self.close()
            raise AlgorithmError(f"it did not answer within {limit:g} s") from None
        except (EOFError, OSError):
            raise AlgorithmError(f"its process ended ({self._ending()})") from None
        except (msgspec.DecodeError, ValueError) as error:
            self.close()
            raise AlgorithmError(f"its answer makes no sense: {error}") from None
        if reply.error:
            raise AlgorithmError(reply.error)
        return reply

    def close(self) -> None:
        """Ends the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _start(self) -> subprocess.Popen[bytes]:
        limits = self._limits
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and script, no shell
            [
                sys.executable, "-I", str(_CHILD), self._entry, str(limits.memory_mib),
                str(math.ceil(limits.start_seconds)), *self._paths,
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={"OPENBLAS_NUM_THREADS": "1"}, cwd="/", close_fds=True, start_new_session=True,
        )  # fmt: skip
        assert process.stdin is not None
        os.set_blocking(process.stdin.fileno(), False)
        return process

    def _ending(self) -> str:
        process = self._process
        self.close()
        code = process.returncode if process else None
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            return "it used up its processor time" if name == "SIGXCPU" else name
        return f"exit status {code}"


def _send(process: subprocess.Popen[bytes], data: bytes, deadline: float) -> None:
    assert process.stdin is not None
    left = memoryview(data)
    while left:
        _wait(process.stdin.fileno(), deadline, writing=True)
        left = left[os.write(process.stdin.fileno(), left) :]


def _receive(process: subprocess.Popen[bytes], deadline: float) -> bytes:
    (size,) = HEADER.unpack(_read(process, HEADER.size, deadline))
    if size > MOST_BYTES:
        raise ValueError(f"{size} bytes announced")
    return _read(process, size, deadline)


def _read(process: subprocess.Popen[bytes], size: int, deadline: float) -> bytes:
    assert process.stdout is not None
    data = bytearray()
    while len(data) < size:
        _wait(process.stdout.fileno(), deadline, writing=False)
        part = os.read(process.stdout.fileno(), size - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)


def _wait(descriptor: int, deadline: float, *, writing: bool) -> None:
    left = deadline - time.monotonic()
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT if writing else select.POLLIN)
    if left <= 0 or not poll.poll(1000 * left):
        raise TimeoutError
