"""Get the programs, each from the first source that has it, and keep what was fetched or built."""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.binaries.build import build
from deploy.local.binaries.catalogue import Binary, cache_folder
from deploy.local.binaries.debian import unpack_package
from deploy.local.binaries.download import download
from deploy.local.binaries.errors import MissingBinaryError, UnavailableError
from deploy.local.binaries.found import find_installed
from deploy.local.binaries.progress import say

_Maker = Callable[[Binary, Path], None]

_MAKERS: tuple[_Maker, ...] = (download, unpack_package, build)


def provide(binaries: Iterable[Binary]) -> dict[str, Path]:
    """Paths of the programs, by name. What is missing is fetched or built, which can take ten minutes, once.

    Raises:
        MissingBinaryError: one of them cannot be had here.
    """
    return {binary.name: provide_one(binary) for binary in binaries}


def provide_one(binary: Binary, makers: tuple[_Maker, ...] = _MAKERS) -> Path:
    """The path of one program: what the machine has, else the cache, else made by the first maker that can.

    Raises:
        MissingBinaryError: no source has it; the text holds the reason of each.
    """
    cached = cache_folder() / binary.file_name
    if cached.exists():  # before all else: nothing has to be run to know its version
        return cached
    try:
        return find_installed(binary)
    except UnavailableError as error:
        reasons = [str(error)]
    with _locked(cached, binary):
        if not cached.exists():
            _make(binary, cached, makers, reasons)
    return cached


def _make(binary: Binary, cached: Path, makers: tuple[_Maker, ...], reasons: list[str]) -> None:
    unfinished = cached.with_name(f"{cached.name}.{os.getpid()}.part")
    try:
        for maker in makers:
            try:
                maker(binary, unfinished)
            except UnavailableError as error:
                reasons.append(str(error))
                continue
            unfinished.chmod(0o755)
            unfinished.rename(cached)  # atomic: the cache never holds half a program
            return
    finally:
        unfinished.unlink(missing_ok=True)
    raise MissingBinaryError(f"{binary}: " + "; ".join(reasons))


@contextmanager
def _locked(cached: Path, binary: Binary) -> Iterator[None]:
    cached.parent.mkdir(parents=True, exist_ok=True)
    with cached.with_name(f"{cached.name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for {binary}, which another process is making …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
