"""Alerts from a real API server to a stand-in for Slack, a real Alertmanager and Events."""

import json
import signal
import subprocess
import uuid
from pathlib import Path

import pytest

from deploy.local.binaries.catalogue import ALERTMANAGER, PROMTOOL
from deploy.local.binaries.errors import MissingBinaryError
from deploy.local.binaries.provide import provide_one
from deploy.local.processes import ProcessDiedError, wait_until
from tests.cluster.admission.objects import create, policy
from tests.cluster.admission.receivers import Alertmanager
from tests.cluster.admission.webhook import running

ROOT = Path(__file__).parents[3]
MANIFESTS = ROOT / "deploy" / "manifests" / "alerts"


def provided(binary):
    try:
        return provide_one(binary)
    except MissingBinaryError as error:
        pytest.skip(str(error))


@pytest.fixture
def alertmanager(tmp_path):
    program = provided(ALERTMANAGER)
    try:
        made = Alertmanager(program, tmp_path)
    except ProcessDiedError as error:
        pytest.skip(f"Alertmanager cannot run here: {error}")
    yield made
    made.process.stop()


def set_conditions(cluster, namespace, *conditions):
    stamped = [{**each, "lastTransitionTime": "2026-01-01T00:00:00Z"} for each in conditions]
    patch = json.dumps({"status": {"conditions": stamped}})
    arguments = ["--subresource=status", "--type=merge", "-p", patch]
    cluster.kubectl("patch", "powercappingpolicy", "policy-initial", "-n", namespace, *arguments)


OVER = {"type": "WithinCap", "status": "False", "reason": "OverCap", "message": "1,200 W of 1,000 W"}
UNDER = {"type": "WithinCap", "status": "True", "reason": "UnderCap", "message": "900 W of 1,000 W"}


def test_breach_is_told_once_everywhere_and_its_end_too(
    cluster, namespace, slack, alertmanager, start_alerts
):
    create(cluster, policy(namespace))
    set_conditions(cluster, namespace, OVER)
    start_alerts(f"--alertmanager-urls={alertmanager.url}")
    over = f"Policy {namespace}/policy-initial draws more than its cap"
    wait_until(lambda: over in slack.titles(), "Slack message", timeout_seconds=30)
    wait_until(lambda: len(alertmanager.active("ClimatikPolicyOverCap")) == 1, "alert", timeout_seconds=10)
    (alert,) = alertmanager.active("ClimatikPolicyOverCap")
    assert alert["annotations"]["description"] == "1,200 W of 1,000 W"
    events = cluster.kubectl("get", "events", "-n", namespace, "-o", "jsonpath={.items[*].reason}")
    assert events.split().count("PolicyOverCap") == 1
    set_conditions(cluster, namespace, UNDER)
    wait_until(lambda: f"Resolved: {over}" in slack.titles(), "end in Slack", timeout_seconds=10)
    wait_until(lambda: not alertmanager.active("ClimatikPolicyOverCap"), "end", timeout_seconds=10)
    assert [title for title in slack.titles() if over in title] == [over, f"Resolved: {over}"]


@pytest.fixture
def leaving(cluster):
    """A namespace that, once deleted, stays in termination until the test ends."""
    name = f"leaving-{uuid.uuid4().hex[:8]}"
    cluster.create_namespace(name)
    holder = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "holder", "namespace": name, "finalizers": ["example.com/hold"]},
    }
    create(cluster, holder)
    yield name
    free = ["--type=merge", "-p", '{"metadata": {"finalizers": null}}']
    cluster.kubectl("patch", "configmap", "holder", "-n", name, *free)
    cluster.kubectl("delete", "namespace", name, "--wait=false", "--ignore-not-found")


def test_events_of_a_namespace_that_goes_hold_up_no_others(
    cluster, namespace, leaving, slack, start_alerts, tmp_path
):
    create(cluster, policy(leaving))
    create(cluster, policy(namespace))
    set_conditions(cluster, leaving, OVER)
    start_alerts()
    firing = f"Policy {leaving}/policy-initial draws more than its cap"
    wait_until(lambda: firing in slack.titles(), "alert", timeout_seconds=30)
    cluster.kubectl("delete", "namespace", leaving, "--wait=false")
    wait_until(lambda: f"Resolved: {firing}" in slack.titles(), "its end", timeout_seconds=60)
    set_conditions(cluster, namespace, OVER)
    reasons = ["get", "events", "-n", namespace, "-o", "jsonpath={.items[*].reason}"]
    wait_until(lambda: "PolicyOverCap" in cluster.kubectl(*reasons), "Event elsewhere", timeout_seconds=20)
    text = (tmp_path / "alerts.log").read_text()
    assert "no place any more" in text
    assert "an alert was dropped" not in text


def test_webhook_that_is_stopped_hangs_or_is_not_registered_is_told(cluster, tmp_path, slack, start_alerts):
    (tmp_path / "webhook").mkdir()
    with running(cluster, tmp_path / "webhook") as webhook:
        start_alerts()
        webhook.process.send_signal(signal.SIGSTOP)
        down = "The admission webhook does not answer"
        wait_until(lambda: down in slack.titles(), "alert of a hanging webhook", timeout_seconds=30)
        webhook.process.send_signal(signal.SIGCONT)
        wait_until(lambda: f"Resolved: {down}" in slack.titles(), "its end", timeout_seconds=20)
        webhook.process.kill()
        wait_until(lambda: slack.titles().count(down) == 2, "alert of a dead webhook", timeout_seconds=20)
    cluster.kubectl("delete", "mutatingwebhookconfigurations", "climatik")
    gone = "The admission webhook is not registered"
    wait_until(lambda: gone in slack.titles(), "alert of a missing registration", timeout_seconds=20)
    about = [title for title in slack.titles() if title.endswith((down, gone))]
    assert about[:3] == [down, f"Resolved: {down}", down]
    assert about.count(gone) == 1
    assert "Pods are created all the same" in str(slack.messages)


def test_what_waits_survives_the_process(cluster, namespace, slack, start_alerts, tmp_path):
    create(cluster, policy(namespace))
    set_conditions(cluster, namespace, OVER)
    slack.down = True
    first = start_alerts("--no-events")
    queue = tmp_path / "state" / "slack.json"
    wait_until(lambda: queue.exists() and namespace in queue.read_text(), "queue", timeout_seconds=30)
    first.kill()
    first.wait()
    slack.down = False
    start_alerts("--no-events")
    over = f"Policy {namespace}/policy-initial draws more than its cap"
    wait_until(lambda: over in slack.titles(), "Slack message", timeout_seconds=60)
    assert slack.titles().count(over) == 1


def test_prometheus_rules_fire_as_they_should(tmp_path):
    program = provided(PROMTOOL)
    cases = ROOT / "tests" / "unit" / "alerts" / "prometheus_rules_test.yaml"
    for source in (MANIFESTS / "prometheus-rules.yaml", cases):
        (tmp_path / source.name).write_text(source.read_text())
    answer = subprocess.run(
        [program, "test", "rules", cases.name], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
