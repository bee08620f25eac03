"""The registered configuration: who is asked, who never is, and what counts as in place."""

import base64
import copy

import pytest

from admission.configuration import desired_configuration, desired_validation, is_in_place
from admission.derived import check_settings, serving_names
from admission.settings import AdmissionSettings
from common.api.meta import ObjectMeta
from common.service.settings import SettingsError
from common.webhook.registration import WebhookConfiguration

IN_CLUSTER = AdmissionSettings()
LOCAL = AdmissionSettings(webhook_url="https://127.0.0.1:0")


def webhook(settings=IN_CLUSTER, bundle=b"pem", port=1234):
    return desired_configuration(settings, bundle, port)["webhooks"][0]


def live_of(desired, **extra):
    metadata = ObjectMeta(name="climatik", labels={**desired["metadata"]["labels"], "argocd": "x"})
    hooks = [{**copy.deepcopy(hook), "matchPolicy": "Equivalent", **extra} for hook in desired["webhooks"]]
    return WebhookConfiguration(metadata=metadata, webhooks=hooks)


def test_only_pod_creation_is_sent_and_failure_is_ignored():
    hook = webhook()
    assert hook["rules"][0]["operations"] == ["CREATE"]
    assert hook["rules"][0]["resources"] == ["pods"]
    assert (hook["failurePolicy"], hook["timeoutSeconds"], hook["sideEffects"]) == ("Ignore", 2, "None")
    assert (hook["reinvocationPolicy"], hook["matchPolicy"]) == ("IfNeeded", "Equivalent")


def test_system_namespaces_and_our_own_are_excluded():
    values = webhook()["namespaceSelector"]["matchExpressions"][0]["values"]
    assert values == ["climatik-project", "kube-node-lease", "kube-public", "kube-system"]


def test_service_in_the_cluster():
    client = webhook()["clientConfig"]
    assert client["service"] == {
        "name": "climatik-admission",
        "namespace": "climatik-project",
        "path": "/mutate-pods",
        "port": 443,
    }
    assert base64.b64decode(client["caBundle"]) == b"pem"


URLS = {
    "port 0 is the bound one": ("https://127.0.0.1:0", "https://127.0.0.1:1234/mutate-pods"),
    "port given": ("https://127.0.0.1:77/", "https://127.0.0.1:77/mutate-pods"),
    "no port": ("https://host.example", "https://host.example/mutate-pods"),
    "path of its own": ("https://host.example/a/b", "https://host.example/a/b"),
    "IPv6": ("https://[::1]:0", "https://[::1]:1234/mutate-pods"),
}


@pytest.mark.parametrize(("given", "registered"), URLS.values(), ids=URLS.keys())
def test_url(given, registered):
    client = webhook(AdmissionSettings(webhook_url=given))["clientConfig"]
    assert client["url"] == registered
    assert "service" not in client


VALIDATION_URLS = {
    "port 0 is the bound one": ("https://127.0.0.1:0", "https://127.0.0.1:1234/validate"),
    "the pods' own path": ("https://host.example/mutate-pods", "https://host.example/validate"),
    "a path before it": ("https://host.example/a/mutate-pods", "https://host.example/a/validate"),
    "a prefix": ("https://host.example/a/", "https://host.example/a/validate"),
}


@pytest.mark.parametrize(("given", "registered"), VALIDATION_URLS.values(), ids=VALIDATION_URLS.keys())
def test_url_of_validation(given, registered):
    (hook,) = desired_validation(AdmissionSettings(webhook_url=given), b"pem", 1234)["webhooks"]
    assert hook["clientConfig"]["url"] == registered


def test_policies_and_domains_are_sent_without_their_status_and_failure_is_ignored():
    (hook,) = desired_validation(IN_CLUSTER, b"pem", 0)["webhooks"]
    (rule,) = hook["rules"]
    assert rule["resources"] == ["powercappingpolicies", "powerdomains"]
    assert rule["operations"] == ["CREATE", "UPDATE"]
    assert (hook["failurePolicy"], hook["timeoutSeconds"], hook["sideEffects"]) == ("Ignore", 2, "None")
    assert hook["clientConfig"]["service"]["path"] == "/validate"


def test_certificate_covers_the_host_of_the_url():
    assert "127.0.0.1" in serving_names(LOCAL)
    assert "climatik-admission.climatik-project.svc" in serving_names(IN_CLUSTER)


def test_what_the_server_adds_is_no_difference():
    desired = desired_configuration(IN_CLUSTER, b"pem", 0)
    assert is_in_place(live_of(desired), desired)


CHANGES = {
    "timeout": {"timeoutSeconds": 30},
    "failure policy": {"failurePolicy": "Fail"},
    "selector gone": {"objectSelector": None},
    "another bundle": {"clientConfig": {"caBundle": "eA=="}},
    "selects by another label": {
        "objectSelector": {"matchExpressions": [{"key": "x", "operator": "Exists"}]}
    },
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_change_of_ours_is_a_difference(change):
    desired = desired_configuration(IN_CLUSTER, b"pem", 0)
    assert not is_in_place(live_of(desired, **change), desired)


def test_configuration_that_is_gone_is_not_in_place():
    assert not is_in_place(None, desired_configuration(IN_CLUSTER, b"pem", 0))


BAD = {
    "http": (AdmissionSettings(webhook_url="http://127.0.0.1"), "--webhook-url"),
    "query": (AdmissionSettings(webhook_url="https://127.0.0.1/?a=b"), "--webhook-url"),
    "half of the files": (
        AdmissionSettings(tls_cert_file="x"),
        "--tls-cert-file, --tls-key-file and --ca-file",
    ),
    "deadline over timeout": (AdmissionSettings(request_deadline_seconds=2.0), "--request-deadline-seconds"),
}


@pytest.mark.parametrize(("settings", "flag"), BAD.values(), ids=BAD.keys())
def test_settings_that_contradict_each_other(settings, flag):
    with pytest.raises(SettingsError, match=flag):
        check_settings(settings)
