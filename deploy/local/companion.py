"""A program beside the control plane: started, waited for, watched and stopped."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.health import answers
from deploy.local.processes import ProcessSet, wait_until
from deploy.local.startable import Startable


class Companion(Startable):
    """One such program; a context manager, or `start` and `stop`. It dies with the process that started it.

    Args:
        log_folder: folder for `<name>.log`.
    """

    def __init__(self, log_folder: Path) -> None:
        self._processes = ProcessSet(log_folder)

    def check(self) -> None:
        """Raise ProcessDiedError if it has ended."""
        self._processes.check()

    def stop(self) -> None:
        """End it; what it wrote stays."""
        self._processes.stop()

    def _start_process(
        self,
        name: str,
        command: Sequence[str],
        *,
        ready_url: str,
        timeout_seconds: float,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Start the process and wait until `ready_url` answers."""
        self._processes.start(name, command, environ)
        wait_until(lambda: answers(ready_url), name, timeout_seconds=timeout_seconds, check=self.check)
