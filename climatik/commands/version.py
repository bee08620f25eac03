"""``climatik version``: which climatik, which API version and agent protocol it speaks."""

from __future__ import annotations

import argparse
import platform

from climatik.commands import Command
from common.api.names import API_VERSION, PROTOCOL_VERSION
from common.service.metrics import program_version


def _run(_arguments: argparse.Namespace) -> int:
    python = platform.python_version()
    print(
        f"climatik {program_version()}, API {API_VERSION}, grant protocol {PROTOCOL_VERSION}, Python {python}"
    )
    return 0


COMMAND = Command(
    name="version",
    summary="the version of climatik, of its API and of the protocol between actuator and agents",
    add_arguments=lambda _parser: None,
    run=_run,
)
