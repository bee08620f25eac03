"""Pods are created when the webhook's answers or its certificate are no good, and people are told why."""

import json
import time
from datetime import timedelta

import pytest

from deploy.local.processes import wait_until
from tests.cluster.admission.objects import create, pod, policy, reserved
from tests.cluster.admission.spoilt import NAME, SpoiltWebhook

REVIEW = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}
FINE = json.dumps({**REVIEW, "response": {"uid": "", "allowed": True}}).encode()
OLD = timedelta(hours=2)
NO_ANSWER = "its answer is no AdmissionReview"

SPOILT = {
    "no JSON": (b"garbage", timedelta(0), "the call failed (JSONDecodeError"),
    "no bytes at all": (b"", timedelta(0), "the call failed (JSONDecodeError"),
    "JSON of another kind": (b"[1]", timedelta(0), NO_ANSWER),
    "a review without an answer": (json.dumps(REVIEW).encode(), timedelta(0), NO_ANSWER),
    "an answer to another request": (FINE.replace(b'""', b'"x"'), timedelta(0), NO_ANSWER),
    "an expired certificate": (FINE, OLD, "certificate has expired"),
}


@pytest.fixture(params=SPOILT.values(), ids=SPOILT.keys())
def told(request, cluster, namespace):
    """A spoilt webhook in the place of ours; what the alert is to say of it."""
    answer, age, words = request.param
    spoilt = SpoiltWebhook(answer, age)
    spoilt.register(cluster, namespace)
    time.sleep(0.5)  # the API server learns of webhooks through a watch of its own, and tells nobody when
    yield words
    cluster.kubectl("delete", "mutatingwebhookconfigurations", NAME, "--ignore-not-found")
    spoilt.stop()


def test_pod_is_created_as_it_is(cluster, namespace, pool, told):
    create(cluster, policy(namespace))
    begin = time.monotonic()
    made = create(cluster, pod(namespace, pool))
    assert time.monotonic() - begin < 3.0
    assert reserved(made) == [("", ""), ("", "")]


def test_alert_says_what_is_wrong(told, slack, start_alerts):
    start_alerts("--no-events")
    down = "The admission webhook does not answer"
    wait_until(lambda: down in slack.titles(), "alert", timeout_seconds=30)
    assert told in json.dumps(slack.messages)
