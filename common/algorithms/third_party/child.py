"""The process that a third party's algorithm runs in: no environment, no files, bounded memory and time.

Run by path, isolated (``python -I``). Frames come in on standard input and go out on what was standard
output, which the algorithm does not get to see. Limits are set before any code of the third party is
imported; once it is imported, no further file or socket can be opened, so everything must be imported at the
top of its modules.
"""

from __future__ import annotations

import os
import resource
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

_IMPORT_FILES = 64


def main(argv: list[str]) -> None:
    """Serves requests until standard input ends: ``child.py ENTRY MEMORY_MIB CPU_SECONDS [PATH …]``."""
    entry, memory_mib, cpu_seconds, *paths = argv
    sys.path[:] = [str(Path(__file__).resolve().parents[3]), *sys.path[1:], *paths]
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    _silence()
    from common.algorithms.third_party.serve import serve  # noqa: PLC0415 - the path is set above

    _limit(int(memory_mib) * 2**20)
    serve(requests, replies, lambda: _load(entry), int(cpu_seconds))


def _silence() -> None:
    """Points the standard streams at nothing, so that a print cannot break the frames."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)


def _limit(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_IMPORT_FILES, _IMPORT_FILES))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _load(entry: str) -> Any:
    found = EntryPoint(name="algorithm", value=entry, group="climatik.algorithms").load()
    algorithm = found() if isinstance(found, type) else found
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    return algorithm


if __name__ == "__main__":
    main(sys.argv[1:])
