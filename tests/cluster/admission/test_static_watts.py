"""Watts by nameplate from the API server's own policies, on a cluster without the webhook."""

import json
from pathlib import Path

import pytest

from deploy.local.cluster import LocalCluster
from deploy.local.processes import wait_until

MANIFESTS = Path(__file__).parents[3] / "deploy" / "manifests" / "static-watts"
EXPLANATION = "climatik.io/explanation"
NOTED = "climatik.io/reserved-watts"
WATTS = "climatik.io/watts"


def pod(*containers, **metadata):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "probe", **metadata},
        "spec": {"containers": [{"image": "registry.example/a", **one} for one in containers]},
    }


def container(name, **resources):
    return {"name": name, "resources": resources}


def made(cluster: LocalCluster, namespace: str, body):
    """The pod as the API server would store it."""
    text = cluster.kubectl(
        "create", "-n", namespace, "--dry-run=server", "-o", "json", "-f", "-", input=json.dumps(body)
    )
    return json.loads(text)


@pytest.fixture(scope="module")
def policies(cluster):
    cluster.kubectl("apply", "-k", str(MANIFESTS))
    yield
    cluster.kubectl("delete", "-k", str(MANIFESTS), "--wait=true")


@pytest.fixture(params=["resource", "annotation"])
def mode(request):
    return request.param


@pytest.fixture
def opted_in(cluster, namespace, policies, mode):
    cluster.kubectl("label", "namespace", namespace, f"climatik.io/static-watts={mode}")
    probe = pod(container("a", requests={"cpu": "1"}))
    wait_until(
        lambda: EXPLANATION in made(cluster, namespace, probe)["metadata"].get("annotations", {}),
        "policy at work",
        timeout_seconds=30,
    )
    return namespace


def watts(body, mode):
    if mode == "annotation":
        return body["metadata"].get("annotations", {}).get(NOTED)
    found = {
        (one["resources"].get("limits", {}).get(WATTS), one["resources"].get("requests", {}).get(WATTS))
        for one in body["spec"]["containers"]
        if WATTS in one["resources"].get("limits", {})
    }
    assert all(limit == request for limit, request in found)
    return next((limit for limit, _ in found), None)


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        pytest.param([container("a", limits={"nvidia.com/gpu": "2"})], "1400", id="two GPUs"),
        pytest.param([container("a", requests={"cpu": "500m"})], "2", id="half a CPU"),
        pytest.param(
            [
                container("proxy", requests={"cpu": "1"}),
                container("a", limits={"nvidia.com/gpu": "1", "cpu": "2"}),
            ],
            "712",
            id="GPU and CPUs of two containers",
        ),
        pytest.param([container("a", requests={"cpu": "1m"})], "1", id="a part of a watt rounds up"),
        pytest.param([container("a")], None, id="asks for nothing"),
    ],
)  # fmt: skip
def test_pod_gets_the_nameplate_of_what_it_asks_for(cluster, opted_in, mode, containers, expected):
    assert watts(made(cluster, opted_in, pod(*containers)), mode) == expected


@pytest.mark.parametrize("mode", ["resource"], indirect=True)
def test_the_container_with_the_gpu_bears_the_watts(cluster, opted_in, mode):
    body = pod(container("proxy", requests={"cpu": "1"}), container("a", limits={"nvidia.com/gpu": "1"}))
    first, second = made(cluster, opted_in, body)["spec"]["containers"]
    assert WATTS not in first["resources"].get("limits", {})
    assert second["resources"]["limits"][WATTS] == "704"
    assert second["resources"]["limits"]["nvidia.com/gpu"] == "1"


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({"annotations": {"climatik.io/opt-out": "true"}}, id="by annotation"),
        pytest.param({"labels": {"climatik.io/opt-out": "true"}}, id="by label"),
    ],
)
def test_pod_opts_out(cluster, opted_in, mode, metadata):
    body = made(cluster, opted_in, pod(container("a", requests={"cpu": "1"}), **metadata))
    assert watts(body, mode) is None
    assert EXPLANATION not in body["metadata"].get("annotations", {})


def test_watts_of_the_user_stay(cluster, opted_in, mode):
    theirs = container("a", limits={WATTS: "50", "nvidia.com/gpu": "1"})
    body = made(cluster, opted_in, pod(theirs))
    assert body["spec"]["containers"][0]["resources"]["limits"][WATTS] == "50"
    assert EXPLANATION not in body["metadata"].get("annotations", {})


def test_other_namespaces_are_left_alone(cluster, namespace, policies):
    body = made(cluster, namespace, pod(container("a", limits={"nvidia.com/gpu": "1"})))
    assert EXPLANATION not in body["metadata"].get("annotations", {})


def test_without_the_parameters_pods_are_created_unchanged(cluster, opted_in, mode):
    body = pod(container("a", limits={"nvidia.com/gpu": "1"}))
    cluster.kubectl("delete", "configmap", "-n", "climatik-project", "climatik-static-watts")
    try:
        wait_until(
            lambda: EXPLANATION not in made(cluster, opted_in, body)["metadata"].get("annotations", {}),
            "policy to see that its parameters are gone",
            timeout_seconds=20,
        )
        unchanged = made(cluster, opted_in, body)
        assert watts(unchanged, mode) is None
        assert EXPLANATION not in unchanged["metadata"].get("annotations", {})
    finally:
        cluster.kubectl("apply", "-k", str(MANIFESTS))
