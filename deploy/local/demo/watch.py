"""Shows the cluster while the scenario runs: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.live import Live

from common.kube import Client, KubeError, load_config
from deploy.local.demo.frame import Frame, look
from deploy.local.demo.screen import plain, render

_LOOK_SECONDS = 0.5
_PLAIN_LINE_SECONDS = 5.0


class Watcher:
    """Looks at the cluster twice a second and shows what it sees."""

    def __init__(self, kubeconfig: Path, namespace: str, console: Console) -> None:
        self._console = console
        self._namespace = namespace
        self._runner = asyncio.Runner()
        self._client: Client = self._runner.run(_connect(kubeconfig))
        self._live = (
            Live(console=console, refresh_per_second=4, transient=False) if console.is_terminal else None
        )
        self._last_line = 0.0
        self._began = time.monotonic()
        self.frame = self.look()

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()
        self._runner.run(self._client.close())
        self._runner.close()

    def look(self) -> Frame:
        """Reads the cluster once."""
        return self._runner.run(look(self._client, self._namespace))

    def show_for(self, seconds: float, headline: str) -> None:
        """Shows the cluster for a while."""
        deadline = time.monotonic() + seconds
        self.show_until(lambda _: time.monotonic() >= deadline, headline, timeout_seconds=seconds + 30)

    def show_until(self, done: Callable[[Frame], bool], headline: str, *, timeout_seconds: float) -> None:
        """Shows the cluster until a condition on it holds.

        Raises:
            TimeoutError: it did not hold in time.
        """
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                self.frame = self.look()
            except KubeError as error:
                self._console.print(f"the API server did not answer: {error}")
            else:
                self._show(headline)
                if done(self.frame):
                    return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{headline}: not there after {timeout_seconds:.0f} s")
            time.sleep(_LOOK_SECONDS)

    def say(self, text: str) -> None:
        """Prints a line above the table."""
        self._console.print(text, highlight=False)
        self._last_line = 0.0

    def _show(self, headline: str) -> None:
        stamped = f"[{time.monotonic() - self._began:5.1f} s] {headline}"
        if self._live is not None:
            self._live.update(render(self.frame, stamped))
        elif time.monotonic() - self._last_line >= _PLAIN_LINE_SECONDS:
            self._console.print(plain(self.frame, stamped), highlight=False, soft_wrap=True, markup=False)
            self._last_line = time.monotonic()


async def _connect(kubeconfig: Path) -> Client:
    return Client(load_config(str(kubeconfig)), user_agent="climatik-demo")
