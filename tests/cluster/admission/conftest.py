"""A webhook for each file of tests, nodes that offer watts, and the alerts process."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.cluster import LocalCluster
from tests.cluster.admission.objects import pool_of
from tests.cluster.admission.webhook import Webhook, running
from tests.fakes.slack import SENTINEL, SlackStandIn

ROOT = Path(__file__).parents[3]
MANIFESTS = ROOT / "deploy" / "manifests" / "alerts"
QUICK = [
    "--fire-after-seconds=0.5", "--resolve-after-seconds=0.5", "--look-seconds=0.2", "--probe-seconds=0.5",
    "--gather-seconds=0.2", "--messages-per-minute=600", "--alertmanager-resend-seconds=1",
]  # fmt: skip


@pytest.fixture(scope="module")
def webhook(cluster: LocalCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    """A webhook that serves and is registered while the tests of a file run."""
    with running(cluster, tmp_path_factory.mktemp("webhook")) as started:
        yield started


@pytest.fixture(scope="module")
def pool(cluster: LocalCluster) -> Iterator[str]:
    """A pool of one node that offers watts."""
    with pool_of(cluster, 5000) as name:
        yield name


@pytest.fixture(scope="module")
def plain_pool(cluster: LocalCluster) -> Iterator[str]:
    """A pool of one node that offers none."""
    with pool_of(cluster, 0) as name:
        yield name


@pytest.fixture
def slack():
    made = SlackStandIn()
    yield made
    made.stop()


@pytest.fixture
def start_alerts(cluster, tmp_path, slack):
    """Starts the alerts process with the rights of its manifest."""
    for name in ("rbac-alerts.yaml",):
        cluster.kubectl("apply", "-f", str(MANIFESTS / name))
    processes = []

    def started(*flags):
        command = [
            sys.executable, "-m", "admission", "--alerts", f"--state-folder={tmp_path / 'state'}",
            f"--kubeconfig={cluster.kubeconfig_for('climatik-alerts')}", *QUICK, *flags,
        ]  # fmt: skip
        environ = {**os.environ, "PYTHONWARNINGS": "error", "SLACK_WEBHOOK_URL": slack.webhook_url}
        with (tmp_path / "alerts.log").open("ab") as log:
            processes.append(subprocess.Popen(command, cwd=ROOT, env=environ, stderr=log))
        return processes[-1]

    yield started
    for process in processes:
        process.terminate()
        process.wait(timeout=15)
    log = (tmp_path / "alerts.log").read_text()
    assert SENTINEL not in log
    assert "Traceback" not in log
