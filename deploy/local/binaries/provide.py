"""Get the programs, from the first source that has them."""

from collections.abc import Iterable
from pathlib import Path

from deploy.local.binaries.catalogue import Binary, cache_folder


class NoBinary(RuntimeError):
    """A program is to be had from none of the sources; the text says why for each."""


def provide(binaries: Iterable[Binary]) -> dict[str, Path]:
    """Paths of the programs, by name."""
    return {binary.name: _provide_one(binary) for binary in binaries}


def _provide_one(binary: Binary) -> Path:
    cached = cache_folder() / binary.file_name
    if cached.exists():
        return cached
    raise NoBinary(f"{binary.name} {binary.version}: not in {cache_folder()}")
