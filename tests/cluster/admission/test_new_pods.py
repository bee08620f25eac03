"""What kubectl users see of the webhook on new pods."""

import json

import pytest

from deploy.local.processes import wait_until
from tests.cluster.admission.objects import LABELS, create, pod, pod_spec, pods, policy, reserved

UNTOUCHED = [("", ""), ("", "")]
RESERVED = [("", ""), ("816", "816")]  # two A100 at 400 W, four CPU at 4 W, on the container with the GPUs


@pytest.fixture(autouse=True)
def _webhook(webhook, pool):
    """Every test here needs both; the webhook must have seen the node before the first pod comes."""


@pytest.fixture
def governed(cluster, namespace, webhook):
    """A namespace with a policy that the webhook knows of."""
    create(cluster, policy(namespace))
    wait_until(lambda: trial(cluster, namespace), "policy to reach the webhook", timeout_seconds=10)
    return namespace


def trial(cluster, namespace) -> bool:
    body = json.dumps(pod(namespace, "none", "trial"))
    made = json.loads(cluster.kubectl("create", "--dry-run=server", "-f", "-", "-o", "json", input=body))
    return "climatik.io/policy" in made["metadata"].get("annotations", {})


def annotations(body):
    return body["metadata"].get("annotations", {})


def test_bare_pod_gets_watts_and_is_scheduled_by_them(cluster, governed, pool):
    made = create(cluster, pod(governed, pool))
    assert reserved(made) == RESERVED
    assert annotations(made)["climatik.io/policy"] == "policy-initial"
    assert annotations(made)["climatik.io/explanation"].startswith('Reserved 816 W on container "server"')
    wait_until(
        lambda: pods(cluster, governed)[0]["spec"].get("nodeName") == pool,
        "pod on its node",
        timeout_seconds=20,
    )


@pytest.mark.parametrize("kind", ["Deployment", "Job", "StatefulSet"])
def test_pods_of_a_workload_get_watts(cluster, governed, pool, kind):
    template = {"metadata": {"labels": LABELS}, "spec": pod_spec(pool)}
    if kind == "Job":
        template["spec"]["restartPolicy"] = "Never"
        spec = {"template": template}
    else:
        spec = {"template": template, "selector": {"matchLabels": LABELS}}
    group = "batch/v1" if kind == "Job" else "apps/v1"
    create(
        cluster,
        {"apiVersion": group, "kind": kind, "metadata": {"name": "web", "namespace": governed}, "spec": spec},
    )
    wait_until(lambda: len(pods(cluster, governed)) == 1, "pod", timeout_seconds=20)
    assert reserved(pods(cluster, governed)[0]) == RESERVED


def test_pod_is_annotated_where_no_node_offers_watts(cluster, governed, plain_pool):
    made = create(cluster, pod(governed, plain_pool))
    assert reserved(made) == UNTOUCHED
    assert annotations(made)["climatik.io/reserved-watts"] == "816"


def test_policy_at_its_default_touches_nothing(cluster, namespace, pool, webhook):
    body = policy(namespace, "Off")
    del body["spec"]["updatePolicy"]
    create(cluster, body)
    made = create(cluster, pod(namespace, pool))
    assert reserved(made) == UNTOUCHED
    assert not any("climatik" in key for key in annotations(made))


def test_opted_out_pod_is_left_alone(cluster, governed, pool):
    made = create(cluster, pod(governed, pool, **{"climatik.io/opt-out": "true"}))
    assert reserved(made) == UNTOUCHED
    assert "climatik.io/policy" not in annotations(made)


def test_pod_in_a_paused_namespace_is_left_alone(cluster, governed, pool):
    cluster.kubectl("annotate", "namespace", governed, "climatik.io/pause=true")
    wait_until(lambda: not trial(cluster, governed), "pause to reach the webhook", timeout_seconds=10)
    assert reserved(create(cluster, pod(governed, pool))) == UNTOUCHED


def test_watts_of_the_user_are_kept(cluster, governed, pool):
    body = pod(governed, pool)
    body["spec"]["containers"][1]["resources"]["limits"]["climatik.io/watts"] = "123"
    made = create(cluster, body)
    assert reserved(made) == [("", ""), ("123", "123")]
    assert "Kept the watts" in annotations(made)["climatik.io/explanation"]


@pytest.mark.parametrize("excluded", ["kube-system", "climatik-project"])
def test_excluded_namespace_is_never_sent_to_us(cluster, pool, excluded):
    objects = [policy(excluded), pod(excluded, pool, "excluded")]
    try:
        assert [reserved(made) for made in [create(cluster, body) for body in objects][1:]] == [UNTOUCHED]
    finally:
        for body in objects:
            cluster.kubectl("delete", "-f", "-", "--wait=false", input=json.dumps(body))


def test_requests_are_counted(cluster, governed, pool, webhook):
    create(cluster, pod(governed, pool))
    _, metrics = webhook.get("/metrics")
    assert 'climatik_admission_requests_total{result="reserved-resource"}' in metrics
    assert "climatik_admission_request_seconds_bucket" in metrics
    assert "climatik_admission_certificate_expiry_timestamp_seconds" in metrics
