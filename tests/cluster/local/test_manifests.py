"""The manifests apply as they are: the API server takes every object, and the accounts they name exist."""

from pathlib import Path

import pytest
import yaml

from deploy.local.cluster import LocalCluster

MANIFESTS = Path(__file__).resolve().parents[3] / "deploy" / "manifests"
ON_HARDWARE = ("climatik-nodeagent", "climatik-watchdog")


def test_workloads_are_taken_by_the_api_server(cluster: LocalCluster) -> None:
    said = cluster.kubectl(
        "apply", "--server-side", "--force-conflicts", "--dry-run=server", "-k", str(MANIFESTS / "workloads")
    )
    for name in ("recommender", "actuator", "admission"):
        assert f"deployment.apps/climatik-{name} " in said
    for name in ON_HARDWARE:
        assert f"daemonset.apps/{name} " in said


@pytest.mark.parametrize("folder", ["alerts", "slack", "static-watts"])
def test_what_is_optional_is_taken_by_the_api_server(cluster: LocalCluster, folder: str) -> None:
    said = cluster.kubectl("apply", "--server-side", "--dry-run=server", "-k", str(MANIFESTS / folder))
    assert f"climatik-{folder}" in said


def test_nothing_is_privileged_and_only_what_touches_hardware_is_root(cluster: LocalCluster) -> None:
    rendered = cluster.kubectl("kustomize", str(MANIFESTS / "workloads"))
    for content in yaml.safe_load_all(rendered):
        if content["kind"] not in {"Deployment", "DaemonSet"}:
            continue
        pod = content["spec"]["template"]["spec"]
        account = pod["serviceAccountName"]
        assert account == content["metadata"]["name"]
        context = pod["containers"][0]["securityContext"]
        assert context.get("privileged", False) is False
        assert context["readOnlyRootFilesystem"] is True
        if account not in ON_HARDWARE:
            assert pod["securityContext"]["runAsNonRoot"] is True
            assert context["capabilities"] == {"drop": ["ALL"]}


def test_policies_have_no_warnings_from_the_type_checker(cluster: LocalCluster) -> None:
    cluster.kubectl(
        "wait", "validatingadmissionpolicies", "--all", "--for=jsonpath={.status.observedGeneration}=1"
    )
    policies = cluster.kubectl("get", "validatingadmissionpolicies", "-o", "yaml")
    for policy in yaml.safe_load(policies)["items"]:
        assert not policy["status"].get("typeChecking", {}).get("expressionWarnings"), policy["metadata"][
            "name"
        ]
