"""Programs that the machine already has, if their version fits."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from deploy.local.binaries.catalogue import Binary
from deploy.local.binaries.errors import UnavailableError

_VERSION = re.compile(r"\bv?(\d+\.\d+\.\d+)")
_ANSWER_SECONDS = 20.0


def find_installed(binary: Binary) -> Path:
    """The program in KUBEBUILDER_ASSETS or on PATH.

    Raises:
        UnavailableError: it is in neither, or only in a version that does not fit.
    """
    refused = []
    for path in _candidates(binary.name):
        version = version_of(path, binary.version_arguments)
        if version.startswith(binary.fitting):
            return path
        refused.append(f"{path} is {version or 'of unknown version'}")
    raise UnavailableError("; ".join(refused) or "neither in KUBEBUILDER_ASSETS nor on PATH")


def version_of(program: Path, arguments: tuple[str, ...]) -> str:
    """The first thing in the program's answer that looks like a version, or an empty text."""
    try:
        answer = subprocess.run(
            [program, *arguments],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=_ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    match = _VERSION.search(answer.stdout + answer.stderr)
    return match[1] if match else ""


def _candidates(name: str) -> list[Path]:
    assets = os.environ.get("KUBEBUILDER_ASSETS", "")
    found = [shutil.which(name, path=assets) if assets else None, shutil.which(name)]
    return [Path(path) for path in found if path]
