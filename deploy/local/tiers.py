"""`python -m deploy.local.tiers TIER... [-- ARGUMENT...]`: run tiers of tests and say which were run."""

import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from deploy.local.binaries.catalogue import CONTROL_PLANE, KEDA_CRDS, KEDA_OPERATOR
from deploy.local.binaries.errors import MissingBinaryError
from deploy.local.binaries.module_files import provide_files
from deploy.local.binaries.provide import provide
from deploy.local.processes import run_in_terminal

_ROOT = Path(__file__).resolve().parents[2]
_BIN = Path(sys.executable).parent

EXIT_FAILED = 1
EXIT_NOT_RUN = 3
"""In CI, where a tier that cannot be run counts as a failure."""


@dataclass(frozen=True)
class Tier:
    """A group of checks: commands that all have to succeed. Those on `tests` take further arguments.

    What it needs is fetched or built before, so that no test waits for it.
    """

    commands: tuple[tuple[str, ...], ...]
    needs_control_plane: bool = False
    needs_keda: bool = False
    tests: str = ""


TIERS = {
    "lint": Tier((("ruff", "check", "."), ("ruff", "format", "--check", "."), ("lint-imports",))),
    "types": Tier((("mypy",),)),
    "unit": Tier((("pytest", "-n", "auto"),), tests="tests/unit"),
    "nightly": Tier((("pytest", "-s"),), tests="tests/nightly"),
    "cluster": Tier((("pytest",),), needs_control_plane=True, needs_keda=True, tests="tests/cluster"),
    "e2e": Tier((("pytest",),), needs_control_plane=True, needs_keda=True, tests="tests/e2e"),
}


@dataclass(frozen=True)
class Outcome:
    """How one tier ended."""

    name: str
    passed: bool
    seconds: float
    not_run: str = ""

    def __str__(self) -> str:
        if self.not_run:
            return f"  {self.name:8} NOT RUN: {self.not_run}"
        return f"  {self.name:8} {'passed' if self.passed else 'FAILED'} in {self.seconds:.0f} s"


def main(arguments: Sequence[str]) -> int:
    """Run the tiers in turn, all of them whatever fails; returns the exit status."""
    names, rest = _split(list(arguments))
    signal.signal(signal.SIGTERM, _exit)
    outcomes = [_run(name, TIERS[name], rest) for name in names]
    print("\ntiers:", *outcomes, sep="\n", flush=True)
    return exit_status(outcomes, in_ci=os.environ.get("CI", "") not in {"", "false", "0"})


def exit_status(outcomes: Sequence[Outcome], *, in_ci: bool) -> int:
    """0 when all that could be run passed; in CI, what could not be run has a status of its own."""
    if not all(outcome.passed for outcome in outcomes if not outcome.not_run):
        return EXIT_FAILED
    return EXIT_NOT_RUN if in_ci and any(outcome.not_run for outcome in outcomes) else 0


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    if "--" not in arguments:
        return arguments, []
    where = arguments.index("--")
    return arguments[:where], arguments[where + 1 :]


def _run(name: str, tier: Tier, arguments: list[str]) -> Outcome:
    print(f"\n== {name}", flush=True)
    started = time.monotonic()
    if reason := _lacking(tier):
        return Outcome(name, passed=False, seconds=0, not_run=reason)
    extra = _with_tests(tier.tests, arguments) if tier.tests else []
    statuses = [_command([*command, *extra]) for command in tier.commands]
    return Outcome(name, not any(statuses), time.monotonic() - started)


def _with_tests(folder: str, arguments: list[str]) -> list[str]:
    """The arguments, with the tier's folder unless they name tests themselves."""
    named = any((_ROOT / argument.partition("::")[0]).exists() for argument in arguments)
    return arguments if named else [folder, *arguments]


def _lacking(tier: Tier) -> str:
    """What the tier needs and cannot have on this machine; empty where it has everything."""
    try:
        if tier.needs_control_plane:
            provide(CONTROL_PLANE)
    except MissingBinaryError as error:
        return f"no control plane on this machine: {error}"
    try:
        if tier.needs_keda:
            provide([KEDA_OPERATOR])
            provide_files(KEDA_CRDS)
    except MissingBinaryError as error:
        return f"no KEDA on this machine: {error}"
    return ""


def _command(command: list[str]) -> int:
    return run_in_terminal([str(_BIN / command[0]), *command[1:]], cwd=_ROOT)


def _exit(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
