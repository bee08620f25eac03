"""``climatik doctor``: names each mistake of the cluster's power telemetry, with its remedy."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys

from climatik.commands import Command
from climatik.doctor.checks import examine
from climatik.doctor.facts import Facts
from climatik.doctor.read import read_facts
from climatik.doctor.report import EXIT_COULD_NOT_LOOK, exit_status, to_plain, to_text
from common.clock import SystemClock
from common.telemetry.errors import TelemetryError
from common.telemetry.prometheus import Prometheus, PrometheusSettings

_DESCRIPTION = """\
Examines the power telemetry in a Prometheus and names each mistake of measurement, with its remedy.

exit status: 0 nothing is wrong, 1 something is, 2 it could not be looked at
"""
_URL_VARIABLE = "CLIMATIK_PROMETHEUS_URL"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--prometheus-url",
        default=os.environ.get(_URL_VARIABLE, ""),
        help=f"address of Prometheus (default: ${_URL_VARIABLE})",
    )
    parser.add_argument("--prometheus-token-file", default="", help="file with a bearer token")
    parser.add_argument("--prometheus-ca-file", default="", help="CA certificates of an https address")
    parser.add_argument("--prometheus-client-cert-file", default="", help="certificate for mutual TLS")
    parser.add_argument("--prometheus-client-key-file", default="", help="its key, if in a file of its own")
    parser.add_argument("--deadline-seconds", type=float, default=30.0, help="for one question (default: 30)")
    parser.add_argument("--json", action="store_true", help="the report for scripts")


def _run(arguments: argparse.Namespace) -> int:
    if not arguments.prometheus_url:
        return _could_not_look(f"no Prometheus to look at: set --prometheus-url or {_URL_VARIABLE}")
    try:
        facts = asyncio.run(_read(arguments))
    except TelemetryError as error:
        return _could_not_look(str(error))
    findings = examine(facts)
    print(json.dumps(to_plain(facts, findings), indent=2) if arguments.json else to_text(facts, findings))
    return exit_status(findings)


def _could_not_look(why: str) -> int:
    sys.stderr.write(f"climatik doctor: {why}\n")
    return EXIT_COULD_NOT_LOOK


async def _read(arguments: argparse.Namespace) -> Facts:
    settings = PrometheusSettings(
        url=arguments.prometheus_url,
        token_file=arguments.prometheus_token_file,
        ca_file=arguments.prometheus_ca_file,
        client_cert_file=arguments.prometheus_client_cert_file,
        client_key_file=arguments.prometheus_client_key_file,
        deadline_seconds=arguments.deadline_seconds,
    )
    async with Prometheus(settings) as prometheus:
        return await read_facts(prometheus, SystemClock())


COMMAND = Command(
    name="doctor",
    summary="mistakes in the cluster's power telemetry, each with its remedy",
    add_arguments=_add_arguments,
    run=_run,
    description=_DESCRIPTION,
)
