"""Build a program from the Go module proxy, with every module pinned by a go.sum of ours."""

from pathlib import Path

from deploy.local.binaries.catalogue import Binary
from deploy.local.binaries.errors import UnavailableError
from deploy.local.binaries.progress import Progress
from deploy.local.binaries.toolchain import go_environment, go_program
from deploy.local.processes import start

MODULES = Path(__file__).resolve().parents[1] / "modules"


def build(binary: Binary, target: Path) -> None:
    """Build the program to `target`; a build that was interrupted goes on from Go's own caches.

    Raises:
        UnavailableError: no toolchain, or the build failed; the text holds the last line that Go wrote.
    """
    source = binary.source
    if source is None:
        raise UnavailableError("it is not built here")
    go = go_program()
    log = target.with_suffix(".log")
    command = [str(go), "-C", str(MODULES / source.module), "build", "-mod=readonly", "-trimpath"]
    command += ["-ldflags", f"-s -w {source.linker_flags}", "-o", str(target), source.package]
    log.unlink(missing_ok=True)
    with Progress(f"building {binary}", minutes=source.minutes):
        process = start(f"go build {binary.name}", command, log=log, environ=go_environment(go))
        try:
            status = process.wait()
        except BaseException:
            process.kill()
            raise
    if status != 0:
        raise UnavailableError(f"go build failed ({log}): {process.log_tail(lines=1)}")
    log.unlink(missing_ok=True)
