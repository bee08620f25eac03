"""A real Prometheus as a child process."""

import json
import shutil
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from deploy.local.binaries.catalogue import PROMETHEUS
from deploy.local.binaries.provide import provide_one
from deploy.local.ports import free_ports
from deploy.local.processes import Process, start, wait_until

_START_SECONDS = 30.0


class Prometheus:
    """Scrapes what it is given and answers queries at `url`; it dies with the process that started it.

    Args:
        workdir: folder for its configuration, data and log.
        scrape_configs: entries of `scrape_configs` as in its configuration file.
        interval_seconds: how often everything is scraped unless an entry says otherwise.
        rule_files: files with recording or alerting rules.
    """

    def __init__(
        self,
        workdir: Path,
        *,
        scrape_configs: Sequence[Mapping[str, Any]],
        interval_seconds: float = 1.0,
        rule_files: Sequence[Path] = (),
    ) -> None:
        self.workdir = workdir.resolve()
        self.url = ""
        self.configuration = {
            "global": {
                "scrape_interval": f"{interval_seconds * 1000:.0f}ms",
                "scrape_timeout": f"{interval_seconds * 1000:.0f}ms",
                "evaluation_interval": f"{interval_seconds * 1000:.0f}ms",
            },
            "scrape_configs": list(scrape_configs),
            "rule_files": [str(path.resolve()) for path in rule_files],
        }
        self._process: Process | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and return when it answers queries.

        Raises:
            MissingBinaryError: it cannot be had on this machine.
            ProcessDiedError: it ended; the text holds the end of its log.
            TimeoutError: not ready in half a minute.
        """
        program = provide_one(PROMETHEUS)
        shutil.rmtree(self.workdir / "data", ignore_errors=True)
        self.workdir.mkdir(parents=True, exist_ok=True)
        file = self.workdir / "prometheus.yaml"
        file.write_text(json.dumps(self.configuration, indent=2))  # JSON is YAML
        address = f"127.0.0.1:{free_ports(1)[0]}"
        self.url = f"http://{address}"
        flags = [
            f"--config.file={file}",
            f"--storage.tsdb.path={self.workdir / 'data'}",
            f"--web.listen-address={address}",
            "--log.level=warn",
        ]
        self._process = start("prometheus", [str(program), *flags], log=self.workdir / "prometheus.log")
        wait_until(self._is_ready, "Prometheus", timeout_seconds=_START_SECONDS, check=self.check)

    def check(self) -> None:
        """Raise ProcessDiedError if it has ended."""
        if self._process is not None:
            self._process.check()

    def stop(self) -> None:
        """End it; its data stays in the folder."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
