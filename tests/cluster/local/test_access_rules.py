"""What each binary's account may do by its access rules (RBAC), asked of the real API server."""

import json

import pytest

from deploy.local.cluster import LocalCluster

ACCOUNTS = ("recommender", "actuator", "admission", "nodeagent", "watchdog")


@pytest.mark.parametrize(
    ("account", "verb", "resource", "allowed"),
    [
        ("recommender", "patch", "powercappingpolicies.climatik.io/status", True),
        ("recommender", "create", "powerplans.climatik.io", True),
        ("recommender", "patch", "powercappingpolicies.climatik.io", False),
        ("recommender", "patch", "nodefrequencies.climatik.io", False),
        ("recommender", "get", "secrets", False),
        ("actuator", "create", "nodefrequencies.climatik.io", True),
        ("actuator", "patch", "nodefrequencies.climatik.io/status", False),
        ("actuator", "patch", "powercappingpolicies.climatik.io/status", False),
        ("actuator", "update", "leases.coordination.k8s.io/climatik-actuator", True),
        ("actuator", "update", "leases.coordination.k8s.io/other", False),
        ("actuator", "patch", "nodes/status", False),
        ("actuator", "delete", "nodes", False),
        ("actuator", "create", "pods/eviction", True),
        ("actuator", "delete", "pods", False),
        ("actuator", "update", "configmaps/climatik-decisions", True),
        ("actuator", "update", "configmaps/other", False),
        ("actuator", "list", "configmaps", False),
        ("admission", "get", "secrets/climatik-webhook-ca", True),
        ("admission", "get", "secrets/other", False),
        ("admission", "list", "secrets", False),
        ("admission", "update", "mutatingwebhookconfigurations.admissionregistration.k8s.io/climatik", True),
        ("admission", "update", "mutatingwebhookconfigurations.admissionregistration.k8s.io/other", False),
        (
            "admission",
            "update",
            "validatingwebhookconfigurations.admissionregistration.k8s.io/climatik",
            True,
        ),
        ("admission", "update", "validatingwebhookconfigurations.admissionregistration.k8s.io/other", False),
        ("admission", "patch", "pods", False),
        ("nodeagent", "watch", "powerdomains.climatik.io", True),
        ("nodeagent", "patch", "powerdomains.climatik.io/status", False),
        ("nodeagent", "delete", "nodes", False),
        ("nodeagent", "get", "pods", False),
        ("nodeagent", "list", "pods", True),
        ("nodeagent", "delete", "pods", False),
        ("watchdog", "get", "nodes", False),
        ("watchdog", "list", "pods", False),
        ("watchdog", "get", "nodefrequencies.climatik.io", False),
    ],
    ids=str,
)
def test_access_rules(cluster: LocalCluster, account: str, verb: str, resource: str, allowed: bool) -> None:
    assert _may(cluster, account, verb, resource) is allowed


@pytest.mark.parametrize("account", ACCOUNTS)
def test_no_account_reads_secrets_or_makes_tokens_or_pods(cluster: LocalCluster, account: str) -> None:
    for verb, resource in [("list", "secrets"), ("create", "serviceaccounts/token"), ("create", "pods")]:
        assert not _may(cluster, account, verb, resource)
    assert not _may(cluster, account, "escalate", "clusterroles.rbac.authorization.k8s.io")


def _may(cluster: LocalCluster, account: str, verb: str, resource: str) -> bool:
    user = f"system:serviceaccount:climatik-project:climatik-{account}"
    kind, _, name = resource.partition("/")
    is_subresource = name in {"status", "token", "eviction"}
    attributes: dict[str, str] = {
        "namespace": "climatik-project",
        "verb": verb,
        "resource": kind.partition(".")[0],
        "group": kind.partition(".")[2],
        ("subresource" if is_subresource else "name"): name,
    }
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": user, "resourceAttributes": attributes},
    }
    answer = cluster.kubectl("create", "-f", "-", "-o", "json", input=json.dumps(review))
    return bool(json.loads(answer)["status"]["allowed"])
