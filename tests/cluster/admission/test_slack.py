"""From a button in Slack to a policy on a real API server, with the rights of the manifests, and back."""

import json
import time

import pytest

from deploy.local.kubectl import KubectlError
from deploy.local.processes import wait_until
from tests.cluster.admission.objects import LABELS, create
from tests.cluster.admission.slack_app import (
    BOSS,
    GROUPS,
    READER,
    STRANGER,
    command,
    end_approval,
    live,
    offered,
    pressed,
    rights,
    running_app,
)
from tests.fakes.slack import SlackStandIn, buttons, press, send, signature


@pytest.fixture(scope="module")
def slack():
    made = SlackStandIn(GROUPS)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def app(cluster, slack, tmp_path_factory):
    """The URL of a running app."""
    with rights(cluster), running_app(cluster, slack, tmp_path_factory.mktemp("slack")) as url:
        yield url


@pytest.fixture
def policy(cluster, namespace):
    body = {
        "apiVersion": "climatik.io/v1alpha1",
        "kind": "PowerCappingPolicy",
        "metadata": {"name": "chat", "namespace": namespace},
        "spec": {
            "powerCapLimit": 1000,
            "selector": {"matchLabels": LABELS},
            "updatePolicy": {"updateMode": "Initial", "levers": ["PowerLimit"], "minReplicas": 2},
        },
    }
    create(cluster, body)
    return f"{namespace}/chat"


def test_button_changes_the_policy_and_revoke_puts_it_back(cluster, app, slack, policy):
    before = live(cluster, policy)["spec"]
    button = offered(app, policy)
    assert live(cluster, policy)["spec"] == before
    told = pressed(app, slack, button)
    assert "approved" in told["text"]
    assert told["response_type"] == "in_channel"
    after = live(cluster, policy)
    assert after["spec"]["updatePolicy"] == before["updatePolicy"] | {
        "updateMode": "Auto",
        "levers": ["PowerLimit", "Frequency"],
    }
    assert json.loads(after["metadata"]["annotations"]["climatik.io/approval"])["by"] == BOSS
    events = cluster.kubectl("get", "events", "-n", policy.split("/")[0], "-o", "jsonpath={.items[*].reason}")
    assert "ApprovedInSlack" in events
    assert "revoked" in command(app, f"revoke {policy}")["text"]
    restored = live(cluster, policy)
    assert restored["spec"] == before
    assert "climatik.io/approval" not in restored["metadata"].get("annotations", {})


def test_button_under_an_alert_leads_to_the_policy(cluster, app, slack, policy, start_alerts):
    namespace, name = policy.split("/")
    over = {"type": "WithinCap", "status": "False", "reason": "OverCap", "message": "1,200 W of 1,000 W"}
    status = {"status": {"conditions": [{**over, "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}
    where = ["--subresource=status", "--type=merge", "-p", json.dumps(status)]
    cluster.kubectl("patch", "pcp", name, "-n", namespace, *where)
    start_alerts("--slack-buttons", "--no-events")
    title = f"Policy {policy} draws more than its cap"
    wait_until(lambda: title in slack.titles(), "alert", timeout_seconds=60)
    message = slack.messages[slack.titles().index(title)]
    shown = pressed(app, slack, buttons(message)["Approve…"])
    assert live(cluster, policy)["spec"]["updatePolicy"]["updateMode"] == "Initial"
    pressed(app, slack, buttons(shown)["Approve now"])
    assert live(cluster, policy)["spec"]["updatePolicy"]["updateMode"] == "Auto"
    assert "PolicyOverCap" in pressed(app, slack, buttons(message)["Snooze"])["text"]


def test_button_that_is_pressed_twice_changes_nothing_more(cluster, app, slack, policy):
    button = offered(app, policy)
    pressed(app, slack, button)
    version = live(cluster, policy)["metadata"]["resourceVersion"]
    assert "Nothing was changed" in pressed(app, slack, button)["text"]
    assert live(cluster, policy)["metadata"]["resourceVersion"] == version


def test_what_changed_since_it_was_shown_is_not_approved(cluster, app, slack, policy):
    button = offered(app, policy)
    patch = json.dumps({"spec": {"powerCapLimit": 900}})
    namespace, name = policy.split("/")
    cluster.kubectl("patch", "pcp", name, "-n", namespace, "--type=merge", "-p", patch)
    assert "changed since" in pressed(app, slack, button)["text"]
    assert live(cluster, policy)["spec"]["updatePolicy"]["updateMode"] == "Initial"


def test_approval_ends_by_itself(cluster, app, slack, policy):
    before = live(cluster, policy)["spec"]
    pressed(app, slack, offered(app, policy, "1"))
    end_approval(cluster, policy)
    wait_until(lambda: live(cluster, policy)["spec"] == before, "end of the approval", timeout_seconds=15)
    assert "climatik.io/approval" not in live(cluster, policy)["metadata"].get("annotations", {})


@pytest.mark.parametrize("user", [READER, STRANGER])
@pytest.mark.parametrize("verb", ["approve", "snooze", "revoke"])
def test_who_is_not_listed_changes_nothing(cluster, app, policy, user, verb):
    version = live(cluster, policy)["metadata"]["resourceVersion"]
    assert "You may not do this" in command(app, f"{verb} {policy}", user)["text"]
    assert live(cluster, policy)["metadata"]["resourceVersion"] == version


def test_stranger_who_presses_the_button_of_another_changes_nothing(cluster, app, slack, policy):
    button = offered(app, policy)
    assert "You may not do this" in pressed(app, slack, button, STRANGER)["text"]
    assert live(cluster, policy)["spec"]["updatePolicy"]["updateMode"] == "Initial"


def test_replay_is_refused(cluster, app, slack, policy):
    body = press(offered(app, policy), BOSS, slack.response_url)
    headers = signature(body, int(time.time()))
    before = len(slack.answers)
    assert send(f"{app}/actions", body, headers) == (200, "")
    wait_until(lambda: len(slack.answers) > before, "late answer", timeout_seconds=10)
    command(app, f"revoke {policy}")
    assert send(f"{app}/actions", body, headers)[0] == 409
    assert live(cluster, policy)["spec"]["updatePolicy"]["updateMode"] == "Initial"


def test_forged_request_is_refused(cluster, app, slack, policy):
    body = press(offered(app, policy), BOSS, slack.response_url)
    assert send(f"{app}/actions", body, signature(body, int(time.time()), "other"))[0] == 401
    assert live(cluster, policy)["spec"]["updatePolicy"]["updateMode"] == "Initial"


def test_reader_sees_status_and_reasons(cluster, app, policy):
    wait_until(lambda: policy in command(app, "status", READER)["text"], "policy", timeout_seconds=10)
    assert "Mode* Initial" in command(app, f"status {policy}", READER)["text"]
    assert "no decision" in command(app, f"explain {policy}", READER)["text"]


def test_snooze_is_kept_in_the_configmap(cluster, app, policy):
    wait_until(lambda: policy in command(app, "status", READER)["text"], "policy", timeout_seconds=10)
    assert "snoozed" in command(app, f"snooze {policy} 30")["text"]
    data = json.loads(
        cluster.kubectl("get", "configmap", "climatik-snoozes", "-n", "climatik-project", "-o", "json")
    )["data"]
    entries = [json.loads(text) for text in data.values()]
    assert [entry["by"] for entry in entries if policy in entry["where"]] == [BOSS]


@pytest.mark.parametrize(
    "patch",
    [
        pytest.param({"spec": {"powerCapLimit": 9000}}, id="the cap"),
        pytest.param({"spec": {"updatePolicy": {"levers": ["Evict"]}}}, id="a lever that evicts"),
        pytest.param({"spec": {"updatePolicy": {"minReplicas": 0}}}, id="replicas"),
        pytest.param({"metadata": {"annotations": {"climatik.io/pause": "true"}}}, id="another annotation"),
        pytest.param({"metadata": {"finalizers": ["climatik.io/release"]}}, id="a finalizer"),
    ],
)
def test_its_account_may_change_nothing_but_what_an_approval_is(cluster, app, policy, patch):
    namespace, name = policy.split("/")
    own = cluster.kubectl_as(cluster.kubeconfig_for("climatik-slack"))
    with pytest.raises(KubectlError, match="the Slack app may"):
        own.run("patch", "pcp", name, "-n", namespace, "--type=merge", "-p", json.dumps(patch))


def test_the_policy_that_keeps_it_to_that_has_no_warnings(cluster, app):
    checked = "--for=jsonpath={.status.observedGeneration}"
    cluster.kubectl("wait", "validatingadmissionpolicy/climatik-slack", checked, "--timeout=30s")
    text = cluster.kubectl("get", "validatingadmissionpolicy", "climatik-slack", "-o", "json")
    assert "expressionWarnings" not in json.dumps(json.loads(text)["status"].get("typeChecking", {}))
