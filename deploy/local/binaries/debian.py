"""Programs out of Debian packages, unpacked without being installed, so without root."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.local.binaries.catalogue import Binary
from deploy.local.binaries.errors import UnavailableError
from deploy.local.binaries.found import version_of
from deploy.local.binaries.progress import Progress

_APT_SECONDS = 300.0


def unpack_package(binary: Binary, target: Path) -> None:
    """Copy the program out of its Debian package to `target`.

    Raises:
        UnavailableError: it has no package, this is no Debian, the package cannot be fetched, or its version
            does not fit.
    """
    if not binary.debian_package:
        raise UnavailableError("no Debian package")
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise UnavailableError("no apt-get here")
    with (
        tempfile.TemporaryDirectory(prefix="climatik-deb-") as name,
        Progress(f"fetching {binary}", minutes=0.2),
    ):
        folder = Path(name)
        _fetch(binary.debian_package, folder)
        program = _unpack(folder, binary.name)
        version = version_of(program, binary.version_arguments)
        if not version.startswith(binary.fitting):
            raise UnavailableError(f"the Debian package holds {version or 'an unknown version'}")
        shutil.copyfile(program, target)


def _fetch(package: str, folder: Path) -> None:
    steps = [["download", package]]
    if os.geteuid() == 0:  # the lists of packages are missing in many images; only root may fetch them
        steps += [["update"], ["download", package]]
    for step in steps:
        if _apt(step, folder) == 0 and step[0] == "download":
            return
    raise UnavailableError(f"apt-get download {package} failed: {_log(folder)}")


def _apt(arguments: list[str], folder: Path) -> int:
    # Root without the sandbox: apt's own user may not write into our folder.
    command = ["apt-get", "--quiet", "--option", "APT::Sandbox::User=root", *arguments]
    with (folder / "log").open("wb") as log:
        try:
            return subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=_APT_SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            return 1


def _unpack(folder: Path, name: str) -> Path:
    for package in folder.glob("*.deb"):
        command = ["dpkg", "-x", str(package), str(folder / "root")]
        answer = subprocess.run(command, check=False, capture_output=True, text=True)
        if answer.returncode != 0:
            raise UnavailableError(f"dpkg -x {package.name}: {answer.stderr.strip()}")
    program = folder / "root" / "usr" / "bin" / name
    if not program.exists():
        raise UnavailableError(f"no {name} in the package")
    return program


def _log(folder: Path) -> str:
    lines = (folder / "log").read_text(errors="replace").splitlines()
    return lines[-1] if lines else "no message"
