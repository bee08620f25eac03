"""Where alerts arrive in tests: a real Alertmanager (and ``tests.fakes.slack``)."""

import json
import urllib.request
from pathlib import Path

from deploy.local.ports import free_ports
from deploy.local.processes import Process, start, wait_until

# Debian's looks for its templates in one fixed place and does not start without. Where it is not installed,
# it gets that place in a mount namespace of its own, so that nothing is written into the system.
_TEMPLATES = "/usr/share/prometheus/alertmanager"
_WITH_TEMPLATES = f"""
test -e {_TEMPLATES}/default.tmpl && exec "$@"
exec unshare --mount sh -c '
mount -t tmpfs none /usr/share && mkdir -p {_TEMPLATES} && cd {_TEMPLATES} && touch default.tmpl email.tmpl &&
exec "$@"' sh "$@"
"""


class Alertmanager:
    """A real Alertmanager without receivers."""

    def __init__(self, program: Path, folder: Path) -> None:
        (folder / "alertmanager.yml").write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        flags = [
            f"--config.file={folder / 'alertmanager.yml'}", f"--storage.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
        ]  # fmt: skip
        self.process: Process = start(
            "alertmanager",
            ["sh", "-c", _WITH_TEMPLATES, "sh", str(program), *flags],
            log=folder / "alertmanager.log",
        )
        wait_until(self._ready, "Alertmanager", timeout_seconds=30, check=self.process.check)

    def active(self, name: str) -> list[dict]:
        """Returns the alerts of a name that fire."""
        with urllib.request.urlopen(f"{self.url}/api/v2/alerts?filter=alertname={name}", timeout=5) as answer:
            return json.load(answer)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False
