"""Files that a Go module holds beside its programs, such as the CRDs of an operator."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from deploy.local.binaries.build import MODULES
from deploy.local.binaries.catalogue import ModuleFiles, cache_folder
from deploy.local.binaries.errors import MissingBinaryError, UnavailableError
from deploy.local.binaries.progress import Progress
from deploy.local.binaries.toolchain import go_environment, go_program


def provide_files(files: ModuleFiles) -> Path:
    """The folder with a copy of the files, which stays when Go's own caches are emptied.

    Raises:
        MissingBinaryError: there is no Go, or the module cannot be had.
    """
    target = cache_folder().with_name("files") / f"{files.name}-{files.version}"
    if target.is_dir():
        return target
    try:
        with Progress(f"fetching {files.name} {files.version}", minutes=0.3):
            source = _module_folder(files) / files.folder
    except UnavailableError as error:
        raise MissingBinaryError(f"{files.name} {files.version}: {error}") from error
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    shutil.copytree(source, unfinished, copy_function=shutil.copyfile)
    unfinished.chmod(0o755)  # the module cache is read-only
    try:
        unfinished.rename(target)
    except OSError:  # another process was faster
        shutil.rmtree(unfinished)
    return target


def _module_folder(files: ModuleFiles) -> Path:
    go = go_program()
    command = [str(go), "-C", str(MODULES / files.module), "mod", "download", "-json", files.path]
    answer = subprocess.run(
        command, capture_output=True, text=True, env=go_environment(go), check=False, stdin=subprocess.DEVNULL
    )
    if answer.returncode != 0:
        raise UnavailableError(
            f"go mod download {files.path}: {answer.stderr.strip() or answer.stdout.strip()}"
        )
    return Path(json.loads(answer.stdout)["Dir"])
