"""A webhook as a process of its own, with the rights of its service account."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.cluster import LocalCluster
from deploy.local.processes import wait_until

_ROOT = Path(__file__).parents[3]


@dataclass
class Webhook:
    """A running webhook."""

    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def tls_port(self) -> int:
        return int((self.folder / "tls-port").read_text())

    def get(self, path: str) -> tuple[int, str]:
        """Fetches from the port for probes and metrics."""
        port = int((self.folder / "port").read_text())
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log
        return (self.folder / "port").exists() and self.get("/readyz") == (200, "ok\n")

    def stop(self) -> int:
        """Asks it to stop and returns its exit status."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        return self.process.wait(timeout=15)


@contextmanager
def running(cluster: LocalCluster, folder: Path, *flags: str) -> Iterator[Webhook]:
    """Starts a webhook, waits until it is ready and registered, and stops it at the end."""
    command = [
        sys.executable, "-m", "admission",
        f"--kubeconfig={cluster.kubeconfig_for('climatik-admission')}",
        "--webhook-listen-address=127.0.0.1:0", "--webhook-url=https://127.0.0.1:0",
        f"--port-file={folder / 'port'}", f"--webhook-port-file={folder / 'tls-port'}",
        "--drain-seconds=0", "--log-level=debug", *flags,
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=_ROOT, env={**os.environ, "PYTHONWARNINGS": "error"}, stderr=log
        )
    webhook = Webhook(process, folder)
    try:
        wait_until(webhook.ready, "webhook", timeout_seconds=60)
        if "--no-register" not in flags:
            wait_until(lambda: registered(cluster, webhook.tls_port), "registration", timeout_seconds=20)
        yield webhook
    finally:
        webhook.stop()


def registered(cluster: LocalCluster, port: int) -> bool:
    """Whether the API server's configuration leads to this port, and has had time to come into force."""
    urls = "jsonpath={.items[*].webhooks[*].clientConfig.url}"
    if f":{port}/" not in cluster.kubectl("get", "mutatingwebhookconfigurations", "-o", urls):
        return False
    time.sleep(0.5)  # the API server learns of webhooks through a watch of its own, and tells nobody when
    return True
