"""A real Prometheus as a child process."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.local.binaries.catalogue import PROMETHEUS
from deploy.local.binaries.provide import provide_one
from deploy.local.companion import Companion
from deploy.local.ports import free_ports

_START_SECONDS = 30.0


class Prometheus(Companion):
    """Scrapes what it is given and answers queries at `url`.

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
        super().__init__(self.workdir)
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
        self._start_process(
            "prometheus",
            [str(program), *flags],
            ready_url=f"{self.url}/-/ready",
            timeout_seconds=_START_SECONDS,
        )
