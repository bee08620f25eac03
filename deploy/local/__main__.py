"""`python -m deploy.local up|down|status|install`: the local cluster that stays up between commands."""

import argparse
import sys
from pathlib import Path

from deploy.local import install
from deploy.local.background import Background, State
from deploy.local.binaries.catalogue import CONTROL_PLANE
from deploy.local.binaries.errors import MissingBinaryError
from deploy.local.binaries.provide import provide
from deploy.local.kubectl import KubectlError
from deploy.local.processes import ProcessDiedError

_DEFAULT_WORKDIR = Path(__file__).resolve().parents[2] / "build" / "cluster"

EXIT_FAILED = 1
EXIT_NONE_RUNNING = 2
EXIT_NO_BINARIES = 3


def main(argv: list[str]) -> int:
    """Run one command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("command", choices=sorted(_COMMANDS), metavar="|".join(_COMMANDS))
    parser.add_argument("--workdir", type=Path, default=_DEFAULT_WORKDIR, help="folder of the cluster")
    arguments = parser.parse_args(argv)
    try:
        return _COMMANDS[arguments.command](Background(arguments.workdir))
    except MissingBinaryError as error:
        print(f"no local control plane on this machine: {error}", file=sys.stderr)
        return EXIT_NO_BINARIES
    except (KubectlError, ProcessDiedError, TimeoutError) as error:
        print(error, file=sys.stderr)
        return EXIT_FAILED


def _up(background: Background) -> int:
    provide(CONTROL_PLANE)
    _describe(background.up())
    return 0


def _down(background: Background) -> int:
    print("stopped" if background.down() else "no local cluster is up")
    return 0


def _status(background: Background) -> int:
    state = background.status()
    if state is None:
        print("no local cluster is up; start one with: make cluster-up")
        return EXIT_NONE_RUNNING
    _describe(state)
    return 0


def _install(background: Background) -> int:
    state = background.status()
    if state is None:
        print("no local cluster is up; start one with: make cluster-up", file=sys.stderr)
        return EXIT_NONE_RUNNING
    install.install(Path(state.kubeconfig))
    return 0


def _keep(background: Background) -> int:
    background.keep()
    return 0


def _binaries(_: Background) -> int:
    for path in provide(CONTROL_PLANE).values():
        print(path)
    return 0


def _describe(state: State) -> None:
    print(f"up at {state.server} (kept by process {state.pid})\n  export KUBECONFIG={state.kubeconfig}")


_COMMANDS = {
    "up": _up,
    "down": _down,
    "status": _status,
    "install": _install,
    "keep": _keep,
    "binaries": _binaries,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
