"""The Slack app as a process of its own, with the rights of its manifests, and what people do with it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.local.cluster import LocalCluster
from deploy.local.processes import wait_until
from tests.fakes.slack import BOT_TOKEN, SENTINEL, SIGNING_SECRET, SlackStandIn, buttons, press, send, slash

ROOT = Path(__file__).parents[3]
MANIFESTS = ROOT / "deploy" / "manifests"
BOSS, READER, STRANGER = "UBOSS", "UREADER", "USTRANGER"
GROUPS = {"SGROUP": [BOSS]}
"""User groups of the stand-in: who is in this one may do everything, the reader may read, others nothing."""


@contextmanager
def rights(cluster: LocalCluster) -> Iterator[None]:
    """Installs the app's account and the admission policy that keeps it to its task."""
    for path in ("alerts/rbac-alerts.yaml", "slack/rbac-slack.yaml", "slack/policy-slack.yaml"):
        cluster.kubectl("apply", "-f", str(MANIFESTS / path))
    yield
    cluster.kubectl("delete", "-f", str(MANIFESTS / "slack/policy-slack.yaml"), "--wait=false")


@contextmanager
def running_app(cluster: LocalCluster, slack: SlackStandIn, folder: Path) -> Iterator[str]:
    """Starts the app and gives the URL that Slack sends to; its log must hold no secret at the end."""
    command = [
        sys.executable, "-m", "admission", "--slack", "--slack-listen-address=127.0.0.1:0",
        f"--kubeconfig={cluster.kubeconfig_for('climatik-slack')}", f"--slack-port-file={folder / 'port'}",
        f"--slack-api-url={slack.api_url}", f"--may-read={READER},SGROUP", "--may-snooze=SGROUP",
        "--may-approve=SGROUP", "--look-seconds=0.2", "--log-level=debug",
    ]  # fmt: skip
    secrets = {"SLACK_SIGNING_SECRET": SIGNING_SECRET, "SLACK_BOT_TOKEN": BOT_TOKEN}
    environ = {**os.environ, "PYTHONWARNINGS": "error", **secrets, "PYTHONPATH": str(ROOT)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environ, stderr=log)
    try:
        wait_until((folder / "port").exists, "Slack app", timeout_seconds=30)
        time.sleep(1.0)  # requests of the second in which it started are refused as older than it
        yield f"http://127.0.0.1:{(folder / 'port').read_text().strip()}/slack"
    finally:
        process.terminate()
        assert process.wait(timeout=15) == 0
        text = (folder / "log").read_text()
        written = cluster.kubectl("get", "events,pcp,configmaps", "-A", "-o", "json")
        assert SENTINEL not in text + written
        assert "Traceback" not in text
        assert '"outcome": "done"' in text or "outcome=done" in text


def live(cluster: LocalCluster, policy: str) -> dict[str, Any]:
    """Reads a policy that is named as ``namespace/name``."""
    namespace, name = policy.split("/")
    return json.loads(cluster.kubectl("get", "pcp", name, "-n", namespace, "-o", "json"))


def command(app: str, text: str, user: str = BOSS) -> dict[str, Any]:
    """Types ``/climatik text`` and returns the answer."""
    status, answer = send(f"{app}/commands", slash(text, user))
    assert status == 200, answer
    return json.loads(answer)


def pressed(app: str, slack: SlackStandIn, button: dict[str, Any], user: str = BOSS) -> dict[str, Any]:
    """Presses a button and returns the answer that comes late."""
    before = len(slack.answers)
    assert send(f"{app}/actions", press(button, user, slack.response_url)) == (200, "")
    wait_until(lambda: len(slack.answers) > before, "late answer", timeout_seconds=10)
    return slack.answers[before]


def offered(app: str, policy: str, minutes: str = "") -> dict[str, Any]:
    """Asks for an approval and returns the button that confirms it."""
    return buttons(command(app, f"approve {policy} {minutes}"))["Approve now"]


def end_approval(cluster: LocalCluster, policy: str) -> None:
    """Has an approval's time be over, without waiting for it."""
    held = json.loads(live(cluster, policy)["metadata"]["annotations"]["climatik.io/approval"])
    over = json.dumps({**held, "until": "2026-01-01T00:00:00Z"})
    patch = json.dumps({"metadata": {"annotations": {"climatik.io/approval": over}}})
    namespace, name = policy.split("/")
    cluster.kubectl("patch", "pcp", name, "-n", namespace, "--type=merge", "-p", patch)
