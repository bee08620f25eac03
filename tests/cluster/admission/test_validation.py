"""What kubectl users see when they apply policies and domains that a schema lets pass."""

import json
import uuid

import pytest

from deploy.local.kubectl import KubectlError
from deploy.local.processes import wait_until
from tests.cluster.admission.objects import policy

WARNED = "--warnings-as-errors"


@pytest.fixture(autouse=True)
def _webhook(webhook):
    """Every test here needs it."""


@pytest.fixture
def row(cluster):
    """A name for domains that are gone after the test."""
    name = f"row-{uuid.uuid4().hex[:6]}"
    yield name
    cluster.kubectl("delete", "pd", "-l", f"test={name}", "--wait=false")


def domain(row, name, **spec):
    return {
        "apiVersion": "climatik.io/v1alpha1",
        "kind": "PowerDomain",
        "metadata": {"name": f"{row}{name}", "labels": {"test": row}},
        "spec": {"capWatts": 9000, **spec},
    }


def apply(cluster, body, *flags):
    cluster.kubectl("apply", "-f", "-", *flags, input=json.dumps(body))


def told(cluster, body, *flags):
    """What kubectl prints of an object that is refused or warned of; empty where it is neither."""
    try:
        apply(cluster, body, WARNED, *flags)
    except KubectlError as error:
        return str(error)
    return ""


def until_told(cluster, body, text):
    """The webhook learns of the other objects by its watches, a moment after they were written."""
    wait_until(
        lambda: text in told(cluster, body, "--dry-run=server"), f"words of {text!r}", timeout_seconds=15
    )


def slipped_through(cluster, body):
    """Whether an object got past the webhook in the moment until it is registered anew."""
    cluster.kubectl("delete", "validatingwebhookconfigurations", "climatik", "--ignore-not-found")
    try:
        apply(cluster, body)
    except KubectlError:
        return False
    return True


def test_cycle_of_parents_is_refused(cluster, row):
    apply(cluster, domain(row, "-top"))
    below = domain(row, "-below", parent=f"{row}-top")
    apply(cluster, below)
    turned = domain(row, "-top", parent=f"{row}-below")
    until_told(cluster, turned, "spec.parent leads back to this domain")
    with pytest.raises(KubectlError, match=r'webhook "policies\.climatik\.io" denied the request'):
        apply(cluster, turned)


def test_cut_of_a_domain_goes_through_whatever_the_webhook_thinks_of_it(cluster, row):
    apply(cluster, domain(row, "-top", minimumCapWatts=100))
    apply(cluster, domain(row, "-below", parent=f"{row}-top", minimumCapWatts=5000))
    apply(cluster, domain(row, "-top", minimumCapWatts=100, brakePercent=90))
    live = json.loads(cluster.kubectl("get", "pd", f"{row}-top", "-o", "json"))
    assert live["spec"]["brakePercent"] == 90


def test_missing_parent_is_a_warning_and_the_domain_is_made(cluster, row):
    assert "Warning: spec.parent names" in told(cluster, domain(row, "-a", parent=f"{row}-gone"))
    assert f"{row}-a" in cluster.kubectl("get", "pd", "-o", "name")


def test_time_zone_that_is_none_is_refused(cluster, row):
    window = {"start": "0 22 * * *", "durationSeconds": 3600, "capWatts": 5000, "timeZone": "Mars/Olympus"}
    body = domain(row, "-a", capSchedules=[window])
    with pytest.raises(KubectlError, match=r"spec\.capSchedules\[0\]"):
        apply(cluster, body)


def test_two_policies_over_the_same_pods_are_a_warning(cluster, namespace):
    first = policy(namespace)
    apply(cluster, first)
    second = {**first, "metadata": {"name": "second", "namespace": namespace}}
    until_told(
        cluster, second, "Warning: spec.selector: policy policy-initial (priority 0) governs the same pods"
    )
    apply(cluster, second)
    assert "second" in cluster.kubectl("get", "pcp", "-n", namespace, "-o", "name")


def test_algorithms_are_known_by_name_and_parameter(cluster, namespace):
    body = policy(namespace)
    body["spec"]["customAlgorithms"] = [{"name": "water-fillin"}]
    assert "Did you mean water-filling?" in told(cluster, body)
    body["spec"]["customAlgorithms"] = [{"name": "uniform", "parameters": {"speed": "1"}}]
    with pytest.raises(KubectlError, match="uniform has no parameter 'speed'"):
        apply(cluster, body)


def test_object_with_an_old_mistake_can_still_be_changed_and_deleted(cluster, namespace, webhook):
    body = policy(namespace)
    body["spec"]["customAlgorithms"] = [{"name": "uniform", "parameters": {"speed": "1"}}]
    wait_until(lambda: slipped_through(cluster, body), "a moment without registration", timeout_seconds=30)
    body["spec"]["powerCapLimit"] = 500
    until_told(cluster, body, "Warning: spec.customAlgorithms[0].parameters")
    apply(cluster, body)
    name = body["metadata"]["name"]
    live = json.loads(cluster.kubectl("get", "pcp", name, "-n", namespace, "-o", "json"))
    assert live["spec"]["powerCapLimit"] == 500
    cluster.kubectl("delete", "pcp", name, "-n", namespace, "--timeout=20s")
    assert cluster.kubectl("get", "pcp", "-n", namespace, "-o", "name") == ""
