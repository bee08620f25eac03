"""Pods are created whatever becomes of the webhook, and its registration comes back."""

import json
import signal
import subprocess
import sys
import time

import pytest

from deploy.local.processes import wait_until
from tests.cluster.admission.objects import create, pod, policy, reserved
from tests.cluster.admission.webhook import registered, running

UNTOUCHED = [("", ""), ("", "")]


@pytest.fixture
def own(cluster, tmp_path):
    """A webhook that a test may break."""
    with running(cluster, tmp_path) as started:
        yield started


def seconds_to_create(cluster, body) -> float:
    begin = time.monotonic()
    assert reserved(create(cluster, body)) == UNTOUCHED
    return time.monotonic() - begin


def test_pod_is_created_at_once_when_the_webhook_is_down(cluster, namespace, pool, own):
    create(cluster, policy(namespace))
    own.process.kill()
    own.process.wait()
    assert seconds_to_create(cluster, pod(namespace, pool)) < 3.0


def test_pod_is_created_within_the_timeout_when_the_webhook_hangs(cluster, namespace, pool, own):
    create(cluster, policy(namespace))
    own.process.send_signal(signal.SIGSTOP)
    assert seconds_to_create(cluster, pod(namespace, pool)) < 4.0


@pytest.mark.parametrize("kind", ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"])
def test_registration_that_somebody_removes_comes_back_as_it_was(cluster, own, kind):
    def hooks():
        items = json.loads(cluster.kubectl("get", kind, "-o", "json"))["items"]
        return [item["webhooks"] for item in items if item["metadata"]["name"] == "climatik"]

    before = hooks()
    cluster.kubectl("delete", kind, "climatik")
    wait_until(hooks, "registration", timeout_seconds=20)
    assert f":{own.tls_port}/" in str(before)
    assert hooks() == before


def test_registration_that_somebody_changes_comes_back_as_the_same_object(cluster, own):
    def live():
        return json.loads(cluster.kubectl("get", "mutatingwebhookconfigurations", "climatik", "-o", "json"))

    uid = live()["metadata"]["uid"]
    change = [{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Fail"}]
    cluster.kubectl(
        "patch", "mutatingwebhookconfigurations", "climatik", "--type=json", "-p", json.dumps(change)
    )
    wait_until(lambda: live()["webhooks"][0]["failurePolicy"] == "Ignore", "registration", timeout_seconds=20)
    assert live()["metadata"]["uid"] == uid


def test_stop_is_clean(own):
    assert own.stop() == 0
    assert "Traceback" not in own.log


def test_one_pass_registers_and_ends(cluster):
    cluster.kubectl("delete", "mutatingwebhookconfigurations", "climatik", "--ignore-not-found")
    command = [sys.executable, "-m", "admission", "--once", "--webhook-url=https://127.0.0.1:1"]
    kubeconfig = f"--kubeconfig={cluster.kubeconfig_for('climatik-admission')}"
    subprocess.run([*command, kubeconfig], check=True, timeout=30)
    assert registered(cluster, 1)
    cluster.kubectl("delete", "mutatingwebhookconfigurations", "climatik")


def test_dry_run_writes_nothing(cluster, tmp_path):
    cluster.kubectl("delete", "mutatingwebhookconfigurations", "climatik", "--ignore-not-found")
    with running(cluster, tmp_path, "--dry-run", "--no-register"):
        assert "climatik" not in cluster.kubectl("get", "mutatingwebhookconfigurations", "-o", "name")
