"""Every review is allowed; what became of it is counted."""

import base64
import json
import logging

import jsonpatch
import pytest
from prometheus_client import CollectorRegistry

from admission import reviewer as module
from admission.metrics import AdmissionMetrics
from admission.nameplates import Nameplates
from admission.namespaces import PausedNamespaces
from admission.nodes import NodeIndex
from admission.reviewer import Knowledge, Reviewer
from common.api.core import Namespace
from common.api.meta import ObjectMeta
from common.api.places import ANNOTATION_PLACES, Place, write_places
from common.webhook.matching import PolicyIndex
from tests.unit.admission.pods_for_tests import container, node, pod, policy, rack

POD = pod(container(gpus=1), labels={"app": "llm"})


class Setup:
    def __init__(self, synced=True, dry_run=False, racks=()):
        self.registry = CollectorRegistry()
        self.policies, self.nodes, self.paused = PolicyIndex(), NodeIndex(), PausedNamespaces()
        self.policies.change(None, policy(labels={"app": "llm"}))
        self.nodes.change(None, node("n", {}, "5000"))
        knowledge = Knowledge(
            self.policies, self.nodes, self.paused, Nameplates(), lambda: synced, lambda: racks
        )
        self.reviewer = Reviewer(knowledge, AdmissionMetrics(self.registry), dry_run=dry_run)

    def ask(self, body):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return json.loads(self.reviewer.answer(content))["response"]

    def count(self, result):
        return self.registry.get_sample_value("climatik_admission_requests_total", {"result": result})

    def reserved(self):
        return self.registry.get_sample_value("climatik_admission_reserved_watts_total")


def patched(answer, subject=POD):
    return jsonpatch.apply_patch(subject, json.loads(base64.b64decode(answer["patch"])))


def review(subject=POD, **fields):
    request = {
        "uid": "u-1",
        "operation": "CREATE",
        "namespace": "ns",
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "dryRun": False,
        "object": subject,
        **fields,
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


def test_governed_pod_gets_a_patch():
    setup = Setup()
    answer = setup.ask(review())
    assert (answer["uid"], answer["allowed"], answer["patchType"]) == ("u-1", True, "JSONPatch")
    after = patched(answer)
    assert after["spec"]["containers"][0]["resources"]["limits"]["climatik.io/watts"] == "700"
    assert setup.count("reserved-resource") == 1
    assert setup.reserved() == 700


UNTOUCHED = {
    "no policy": (review(namespace="other"), "unmatched"),
    "opted out": (
        review(pod(labels={"app": "llm"}, annotations={"climatik.io/opt-out": "true"})),
        "opted-out",
    ),
    "opted out by label": (
        review(pod(labels={"app": "llm", "climatik.io/opt-out": "true"})),
        "opted-out",
    ),
    "mirror pod": (
        review(pod(labels={"app": "llm"}, annotations={"kubernetes.io/config.mirror": "x"})),
        "opted-out",
    ),
    "update": (review(operation="UPDATE"), "not-a-pod"),
    "subresource": (review(subResource="resize"), "not-a-pod"),
    "another resource": (
        review(resource={"group": "apps", "version": "v1", "resource": "pods"}),
        "not-a-pod",
    ),
    "deletion without object": (review(None, operation="DELETE"), "not-a-pod"),
}


@pytest.mark.parametrize(("body", "result"), UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_pod_is_left_alone(body, result):
    setup = Setup()
    answer = setup.ask(body)
    assert answer == {"uid": "u-1", "allowed": True}
    assert setup.count(result) == 1


MALFORMED = {
    "not JSON": (b"{", ""),
    "not UTF-8": (b"\xff\xfe", ""),
    "empty": (b"", ""),
    "no request": (b"{}", ""),
    "nested too deep": (b'{"x":' + b"[" * 80_000, ""),
    "no uid": (b'{"request":{}}', ""),
    "list for an object": (b'{"request":{"uid":"u-9","object":[]}}', "u-9"),
    "number for a namespace": (b'{"request":{"uid":"u-9","namespace":7}}', "u-9"),
}


@pytest.mark.parametrize(("body", "uid"), MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_review_is_allowed_with_a_warning_and_counted(body, uid):
    setup = Setup()
    answer = setup.ask(body)
    assert (answer["uid"], answer["allowed"]) == (uid, True)
    assert "patch" not in answer
    assert "could not be read" in answer["warnings"][0]
    assert setup.count("malformed") == 1


ODD_PODS = {
    "empty": {},
    "no spec": {"metadata": {"labels": {"app": "llm"}}},
    "containers as text": {"metadata": {"labels": {"app": "llm"}}, "spec": {"containers": "x"}},
    "container as text": {"metadata": {"labels": {"app": "llm"}}, "spec": {"containers": ["x"]}},
    "labels as list": {"metadata": {"labels": ["llm"]}, "spec": {"containers": [{}]}},
    "null everywhere": {"metadata": None, "spec": None},
}


@pytest.mark.parametrize("subject", ODD_PODS.values(), ids=ODD_PODS.keys())
def test_odd_pod_never_breaks_the_webhook(subject):
    setup = Setup()
    assert setup.ask(review(subject))["allowed"] is True
    assert setup.count("error") is None


def test_internal_error_fails_open(monkeypatch):
    setup = Setup()
    monkeypatch.setattr(module, "mutate", lambda *_: 1 / 0)
    answer = setup.ask(review())
    assert answer["allowed"] is True
    assert "patch" not in answer
    assert setup.count("error") == 1


def test_pod_is_left_alone_before_policies_and_nodes_are_known():
    setup = Setup(synced=False)
    assert "patch" not in setup.ask(review())
    assert setup.count("not-synced") == 1


def test_pod_in_a_paused_namespace_is_left_alone_until_the_pause_ends():
    setup = Setup()
    paused = Namespace(metadata=ObjectMeta(name="ns", annotations={"climatik.io/pause": "true"}))
    setup.paused.change(None, paused)
    assert "patch" not in setup.ask(review())
    assert setup.count("paused") == 1
    setup.paused.change(paused, Namespace(metadata=ObjectMeta(name="ns")))
    assert "patch" in setup.ask(review())


def test_dry_run_of_a_user_is_answered_but_reserves_nothing():
    setup = Setup()
    assert "patch" in setup.ask(review(dryRun=True))
    assert setup.reserved() == 0


def test_dry_run_of_the_webhook_changes_nothing():
    setup = Setup(dry_run=True)
    assert "patch" not in setup.ask(review())
    assert setup.count("reserved-resource") == 1


def test_pod_is_led_away_from_a_rack_without_watts_in_the_same_patch():
    setup = Setup(racks=[rack("r1", 10)])
    setup.nodes.change(None, node("m", {"rack": "r2"}, "5000"))
    after = patched(setup.ask(review()))
    assert "nodeAffinity" in after["spec"]["affinity"]
    assert after["metadata"]["annotations"]["climatik.io/placement"].startswith("Prefers nodes outside of r1")
    assert after["spec"]["containers"][0]["resources"]["limits"]["climatik.io/watts"] == "700"


def test_pod_that_a_place_is_held_for_goes_there_whatever_racks_report():
    place = Place(
        key="k", pod="old", node="m", hostname="m", source="n", owner="u", workload="w",
        since="2026-01-01T00:00:00Z", until="2999-01-01T00:00:00Z",
    )  # fmt: skip
    setup = Setup(racks=[rack("r1", 10)])
    held = policy(labels={"app": "llm"}, annotations={ANNOTATION_PLACES: write_places({"p": place})})
    setup.policies.change(policy(labels={"app": "llm"}), held)
    owned = pod(container(gpus=1), labels={"app": "llm"}, ownerReferences=[{"uid": "u", "controller": True}])
    after = patched(setup.ask(review(owned)), owned)
    assert after["spec"]["nodeSelector"] == {"kubernetes.io/hostname": "m"}
    assert "affinity" not in after["spec"]
    again = setup.ask(review(after))
    assert "patch" not in again


def test_what_was_done_is_logged_at_debug_and_at_info_where_nothing_else_tells(caplog):
    caplog.set_level(logging.INFO)
    Setup().ask(review())
    assert caplog.records == []
    Setup(dry_run=True).ask(review())
    assert [(one.message, one.policy, one.watts) for one in caplog.records] == [
        ("pod reviewed, not changed (dry run)", "llm", 700)
    ]
