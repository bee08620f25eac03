"""The child's loop: a request in, a reply out, errors told in one line."""

from __future__ import annotations

import resource
from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec

from common.algorithms.third_party.wire import (
    HEADER,
    Reply,
    Request,
    frame,
    pack_description,
    pack_plan,
    unpack_snapshot,
)

_MOST_ERROR = 300


def serve(requests: BinaryIO, replies: BinaryIO, load: Callable[[], Any], cpu_seconds: int) -> None:
    """Answers requests until they end.

    Args:
        requests: Frames of ``Request``.
        replies: Where frames of ``Reply`` go.
        load: Imports the algorithm; an error in it is the reply to every request.
        cpu_seconds: Processor time per request, after which the kernel ends the process.
    """
    algorithm: Any = None
    while header := requests.read(HEADER.size):
        body = requests.read(HEADER.unpack(header)[0])
        _allow(cpu_seconds)
        try:
            algorithm = algorithm if algorithm is not None else load()
            reply = _answer(algorithm, msgspec.msgpack.decode(body, type=Request))
        except MemoryError:
            reply = Reply(error="it ran out of the memory that it may use")
        except Exception as error:  # whatever the third party raises is its own failure
            reply = Reply(error=f"{type(error).__name__}: {error}"[:_MOST_ERROR])
        replies.write(frame(reply))
        replies.flush()


def _answer(algorithm: Any, request: Request) -> Reply:
    if request.snapshot is None:
        return pack_description(algorithm.description)
    return pack_plan(algorithm.plan(unpack_snapshot(request.snapshot), request.parameters))


def _allow(seconds: int) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, resource.RLIM_INFINITY))
