"""Entry point of the command line: ``python -m climatik --help``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from climatik.commands import (
    Command,
    algorithms,
    docs,
    doctor,
    explain,
    plan,
    slowdown,
    status,
    uninstall,
    version,
)
from common.kube.errors import (
    ConfigError,
    ConnectionFailed,
    DeadlineExceeded,
    Forbidden,
    KubeError,
    NotFound,
    Unauthorized,
)

COMMANDS: tuple[Command, ...] = (
    status.COMMAND,
    explain.COMMAND,
    plan.COMMAND,
    slowdown.COMMAND,
    doctor.COMMAND,
    algorithms.COMMAND,
    docs.COMMAND,
    uninstall.COMMAND,
    version.COMMAND,
)
"""In the order in which the help lists them: the everyday ones first."""

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130

_REMEDIES: tuple[tuple[tuple[type[KubeError], ...], str], ...] = (
    (
        (ConfigError, ConnectionFailed, DeadlineExceeded, Unauthorized),
        "Is the kubeconfig right (--kubeconfig, --context)? Try: kubectl version",
    ),
    ((Forbidden,), "Your account may not do that. Try: kubectl auth can-i --list"),
    ((NotFound,), "Is climatik installed in this cluster? Try: kubectl get crds -o name | grep climatik.io"),
)

_DESCRIPTION = """\
Power as a resource of a Kubernetes cluster: what is capped, what is drawn, who holds which watts, and why.

Reads the cluster that your kubeconfig names, and changes nothing unless a command says so.
"""
_EXAMPLES = """\
examples:
  climatik status                      domains, nodes and policies at a glance
  climatik status --output json        the same for scripts
  climatik explain policy NAME -n NS   what was decided about it, and why
  climatik algorithms list             what a policy may name in spec.customAlgorithms
  climatik algorithms backtest         how they would do on recorded or made-up load, ranked
  climatik doctor --prometheus-url URL mistakes of the power telemetry, with remedies
  climatik slowdown --draw 280 --limits 100:400 --power-at-slowdown 0.05
                                       at which watts a workload is 5 % slower, with an interval
  climatik plan --cap 20000            replicas and watts of each service under a cap, and why
  climatik uninstall --dry-run         what would be given back, and what was there before
  climatik docs settings               every setting of every program, with its reason

`climatik COMMAND --help` explains one command. As a kubectl plug-in it is `kubectl climatik`.
"""


def parser() -> argparse.ArgumentParser:
    """Returns the parser with all commands."""
    root = argparse.ArgumentParser(
        prog="climatik",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        own = subparsers.add_parser(
            command.name,
            help=command.summary,
            description=command.description or command.summary,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(own)
        own.set_defaults(run=command.run)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command and returns the exit status: 0 fine, 1 the cluster could not answer, 2 wrong usage.

    Commands with further statuses name them in their help. An interrupt is 130, as in shells.
    """
    arguments = parser().parse_args(argv)
    try:
        status_code: int = arguments.run(arguments)
    except KubeError as error:
        sys.stderr.write(f"climatik: {error}\n{_remedy(error)}")
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return EXIT_FAILED  # the reader of a pipe has seen enough
    return status_code


def _remedy(error: KubeError) -> str:
    """Returns what to look at, on a line of its own; empty where the error itself says it."""
    for kinds, text in _REMEDIES:
        if isinstance(error, kinds):
            return f"{text}\n"
    return ""


if __name__ == "__main__":
    sys.exit(main())
