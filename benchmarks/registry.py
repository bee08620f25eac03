"""What a benchmark is, and where they are found."""

from __future__ import annotations

import importlib
import pkgutil
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import benchmarks

Metrics = Mapping[str, float | int | str]


class Skipped(Exception):  # noqa: N818 - an outcome, not a fault
    """The benchmark cannot run here; the message says why in one line."""


def _no_arguments(parser: ArgumentParser) -> None:
    """Adds nothing."""


@dataclass(frozen=True)
class Benchmark:
    """One benchmark.

    Attributes:
        name: What is typed on the command line.
        description: One line for ``--list``.
        run: Measures; gets the parsed arguments (``data`` among them) and returns metrics by
            snake_case name with their unit. May raise :class:`Skipped`.
        add_arguments: Declares arguments of its own.
        data: Folders or files under ``--data`` without which it is skipped.
    """

    name: str
    description: str
    run: Callable[[Namespace], Metrics]
    add_arguments: Callable[[ArgumentParser], None] = _no_arguments
    data: tuple[str, ...] = ()


def discover() -> dict[str, Benchmark]:
    """Imports what may define a benchmark and returns the benchmarks found, by name.

    That is each module of this package, and of each package in it the module ``benchmark``.
    """
    modules = (importlib.import_module(name) for name in _modules())
    found = [module.BENCHMARK for module in modules if hasattr(module, "BENCHMARK")]
    return {benchmark.name: benchmark for benchmark in sorted(found, key=lambda each: each.name)}


def _modules() -> list[str]:
    return [
        f"benchmarks.{info.name}.benchmark" if info.ispkg else f"benchmarks.{info.name}"
        for info in pkgutil.iter_modules(benchmarks.__path__)
        if not info.name.startswith("_")
    ]
