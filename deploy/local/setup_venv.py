"""Make the virtual environment .venv as requirements/dev.txt locks it, or find that it is so already.

Standard library alone, and able to start on any Python 3, since it runs before anything is installed.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed"
INPUTS = (ROOT / "requirements" / "dev.txt", ROOT / "pyproject.toml")
LOCK = ROOT / "build" / "venv.lock"
OLDEST_PYTHON = (3, 11)
PROGRESS_SECONDS = 15


def main() -> int:
    """Returns the exit status."""
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(str(part) for part in sys.version_info[:3])
        print(f"Python 3.11 or newer is needed, this is {found}: name another with PYTHON=", file=sys.stderr)
        return 1
    wanted = _fingerprint()
    if _installed() == wanted:
        return 0
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs of make must not install into one folder at once
        return 0 if _installed() == wanted else _install(wanted)


def _fingerprint() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in INPUTS:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _installed() -> str:
    return STAMP.read_text() if STAMP.exists() and PYTHON.exists() else ""


def _install(fingerprint: str) -> int:
    STAMP.unlink(missing_ok=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-input"]
    return (
        _make_venv()
        or _run("installing the locked packages", [*pip, "--require-hashes", "-r", str(INPUTS[0])])
        or _run("installing climatik", [*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)])
        or _stamp(fingerprint)
    )


def _make_venv() -> int:
    if _pip_works():
        return 0
    shutil.rmtree(VENV, ignore_errors=True)  # left by an interrupted run, or of a Python that is gone
    status = _run("making .venv", [sys.executable, "-m", "venv", str(VENV)])
    if status:
        print(
            "this Python cannot make virtual environments: install its venv package "
            "(Debian, Ubuntu: apt-get install python3-venv), or name another with PYTHON=",
            file=sys.stderr,
        )
    return status


def _pip_works() -> bool:
    if not PYTHON.exists():
        return False
    same = f"import sys, pip; sys.exit(sys.version != {sys.version!r})"
    return subprocess.run([str(PYTHON), "-c", same], capture_output=True, check=False).returncode == 0


def _stamp(fingerprint: str) -> int:
    fresh = STAMP.with_suffix(".new")
    fresh.write_text(fingerprint)
    fresh.rename(STAMP)
    return 0


def _run(what: str, argv: "list[str]") -> int:
    print(f"{what} …", flush=True)
    done = threading.Event()
    threading.Thread(target=_tell_progress, args=(what, done), daemon=True).start()
    try:
        return subprocess.run(argv, stdin=subprocess.DEVNULL, env=_environment(), check=False).returncode
    finally:
        done.set()


def _tell_progress(what: str, done: threading.Event) -> None:
    started = time.monotonic()
    while not done.wait(PROGRESS_SECONDS):
        print(
            f"  {what}: {time.monotonic() - started:.0f} s so far (usually one to three minutes)", flush=True
        )


def _environment() -> "dict[str, str]":
    # Settings of the shell that would make pip install elsewhere.
    unwanted = ("PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in unwanted}


if __name__ == "__main__":
    sys.exit(main())
