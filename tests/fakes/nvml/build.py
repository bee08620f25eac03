"""Builds the imitated library with the C compiler at hand, or with the one of ``ziglang`` from PyPI."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

SONAME = "libnvidia-ml.so.1"


def compiler() -> list[str]:
    """Returns the command of a C compiler: ``$CC``, one on the path, or ``python -m ziglang cc``."""
    named = os.environ.get("CC", "").split()
    found = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if named and shutil.which(named[0]):
        return named
    if found:
        return [found]
    if importlib.util.find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang", "cc"]
    raise RuntimeError("no C compiler: install gcc or clang, set CC, or `pip install ziglang`")


def library(folder: Path) -> Path:
    """Builds the library into ``folder`` under the name that the loader looks for; takes half a second."""
    target = folder / SONAME
    sources = sorted(str(path) for path in Path(__file__).parent.glob("*.c"))
    flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", f"-Wl,-soname,{SONAME}"]
    subprocess.run([*compiler(), *flags, "-o", str(target), *sources, "-lm", "-lpthread"], check=True)
    return target
