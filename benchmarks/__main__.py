"""Command line: ``python -m benchmarks NAME [--data DIR] [--json FILE]``, ``python -m benchmarks --list``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.environment import describe_environment
from benchmarks.registry import Benchmark, Metrics, Skipped, discover

DEFAULT_DATA = Path("../shared/data")


def main(argv: Sequence[str]) -> int:
    """Runs one benchmark, prints its table and returns the exit status."""
    known = discover()
    arguments = _parser(known).parse_args(argv)
    if arguments.list or not arguments.name:
        for benchmark in known.values():
            print(f"{benchmark.name:<16} {benchmark.description}")
        return 0
    benchmark = known[arguments.name]
    skipped, metrics = "", {}
    try:
        _require_data(benchmark, arguments.data)
        metrics = dict(benchmark.run(arguments))
    except Skipped as reason:
        skipped = str(reason)
    _print(benchmark, metrics, skipped)
    if arguments.json:
        _write(arguments.json, benchmark, metrics, skipped)
    return 0


def _parser(known: dict[str, Benchmark]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--list", action="store_true", help="name every benchmark")
    commands = parser.add_subparsers(dest="name", metavar="NAME")
    for benchmark in known.values():
        command = commands.add_parser(benchmark.name, help=benchmark.description)
        command.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder of recorded data")
        command.add_argument("--json", type=Path, default=None, help="write metrics and environment here")
        benchmark.add_arguments(command)
    return parser


def _require_data(benchmark: Benchmark, folder: Path) -> None:
    missing = [name for name in benchmark.data if not (folder / name).exists()]
    if missing:
        raise Skipped(f"needs {', '.join(missing)} under {folder}: pass --data")


def _print(benchmark: Benchmark, metrics: Metrics, skipped: str) -> None:
    if skipped:
        print(f"{benchmark.name}: skipped: {skipped}")
        return
    width = max((len(name) for name in metrics), default=0)
    for name, value in metrics.items():
        print(
            f"{name:<{width}}  {value:>12.4g}"
            if isinstance(value, float)
            else f"{name:<{width}}  {value:>12}"
        )


def _write(path: Path, benchmark: Benchmark, metrics: Metrics, skipped: str) -> None:
    document = {"name": benchmark.name, "metrics": metrics, "environment": describe_environment()}
    if skipped:
        document["skipped"] = skipped
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
