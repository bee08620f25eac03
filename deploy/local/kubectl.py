"""kubectl with a kubeconfig and a cache folder of its own."""

import os
import subprocess
from pathlib import Path


class KubectlError(RuntimeError):
    """kubectl ended with an error; the text is what it wrote to stderr."""


class Kubectl:
    """Runs kubectl for one identity, never reading or writing the user's own configuration."""

    def __init__(self, program: Path, kubeconfig: Path, cache_folder: Path) -> None:
        self._program = program
        self._kubeconfig = kubeconfig
        self._cache_folder = cache_folder
        self.environment = {
            **os.environ,
            "KUBECONFIG": str(kubeconfig),
            "KUBECACHEDIR": str(cache_folder),
        }

    def with_kubeconfig(self, kubeconfig: Path) -> "Kubectl":
        """The same program under another identity."""
        return Kubectl(self._program, kubeconfig, self._cache_folder)

    def run(
        self,
        *arguments: str,
        input: str | None = None,  # noqa: A002 - as subprocess calls it
        timeout_seconds: float = 60.0,
    ) -> str:
        """What kubectl printed; `input` is its standard input (with `-f -`)."""
        result = subprocess.run(
            [str(self._program), f"--kubeconfig={self._kubeconfig}", *arguments],
            input=input or "",
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=timeout_seconds,
            check=False,
        )
        if result.returncode != 0:
            raise KubectlError(f"kubectl {' '.join(arguments)}: {result.stderr.strip()}")
        return result.stdout
