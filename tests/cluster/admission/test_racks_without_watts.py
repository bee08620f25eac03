"""New pods on the real scheduler when a rack has no watts left for them, or is too hot."""

import json
import uuid
from datetime import UTC, datetime

import pytest

from common.api.meta import rfc3339
from deploy.local.processes import wait_until
from tests.cluster.admission.objects import create, node, pod, pods, policy

RACK = "climatik-test/rack"


@pytest.fixture
def racks(cluster, webhook):
    """Two racks of one node each, and what their domains report; a pool for the pods of a test."""
    pool = f"racks-{uuid.uuid4().hex[:6]}"
    names = [f"{pool}-{side}" for side in ("a", "b")]
    for name in names:
        made = node(name, pool, 5000)
        made["metadata"]["labels"][RACK] = name
        create(cluster, made)
        spec = {"nodeSelector": {"matchLabels": {RACK: name}}, "capWatts": 6000, "maxInletTemperature": 27}
        kind = {"apiVersion": "climatik.io/v1alpha1", "kind": "PowerDomain"}
        create(cluster, {**kind, "metadata": {"name": name}, "spec": spec})
        report(cluster, name)
    yield names
    for name in names:
        cluster.kubectl("delete", f"node/{name}", f"powerdomain/{name}", "--wait=false")


def report(cluster, rack, headroom=5000, inlet=22):
    seen = {"nodes": 1, "powerWatts": 6000 - headroom, "headroomWatts": headroom, "forecastWatts": 0}
    seen |= {"hottestInlet": inlet, "lastUpdated": rfc3339(datetime.now(UTC))}
    patch = json.dumps({"status": {"observed": seen}})
    cluster.kubectl("patch", "powerdomain", rack, "--subresource=status", "--type=merge", "-p", patch)


def pool_of(rack):
    return rack.rpartition("-")[0]


def noted(made):
    return made["metadata"].get("annotations", {}).get("climatik.io/placement", "")


def governed(cluster, namespace, **update_policy):
    body = policy(namespace)
    body["spec"]["updatePolicy"] |= update_policy
    create(cluster, body)


def wait_for_note(cluster, namespace, rack):
    """Waits until the webhook knows of policy and report."""
    body = json.dumps(pod(namespace, pool_of(rack), "trial"))
    wait_until(
        lambda: rack in noted(
            json.loads(cluster.kubectl("create", "--dry-run=server", "-o", "json", "-f", "-", input=body))
        ),
        "webhook to see the report",
        timeout_seconds=15,
    )  # fmt: skip


def node_of(cluster, namespace):
    (found,) = pods(cluster, namespace)
    return found["spec"].get("nodeName", "")


@pytest.mark.parametrize("trouble", [{"headroom": 700}, {"inlet": 29}], ids=["few watts", "hot inlet"])
@pytest.mark.parametrize("bad", [0, 1], ids=["first rack", "second rack"])
def test_pod_goes_to_the_other_rack_by_preference(cluster, namespace, racks, trouble, bad):
    governed(cluster, namespace)
    report(cluster, racks[bad], **trouble)
    wait_for_note(cluster, namespace, racks[bad])
    made = create(cluster, pod(namespace, pool_of(racks[0])))
    assert noted(made).startswith(f"Prefers nodes outside of {racks[bad]} (")
    wait_until(
        lambda: node_of(cluster, namespace) == racks[1 - bad], "pod on the other rack", timeout_seconds=20
    )


def test_pod_waits_rather_than_go_there_where_the_policy_requires_it(cluster, namespace, racks):
    governed(cluster, namespace, placement="Required")
    report(cluster, racks[0], headroom=0)
    wait_for_note(cluster, namespace, racks[0])
    cluster.kubectl("cordon", racks[1])
    made = create(cluster, pod(namespace, pool_of(racks[0])))
    assert noted(made) == f"Kept off {racks[0]} (0 W left)."
    wait_until(
        lambda: "didn't match Pod's node affinity" in json.dumps(pods(cluster, namespace)[0]["status"]),
        "refusal",
        timeout_seconds=20,
    )
    cluster.kubectl("uncordon", racks[1])
    wait_until(lambda: node_of(cluster, namespace) == racks[1], "pod on the other rack", timeout_seconds=20)


def test_nothing_is_said_of_racks_that_are_fine_or_where_all_are_not(cluster, namespace, racks):
    governed(cluster, namespace, placement="Required")
    report(cluster, racks[0], headroom=0)
    wait_for_note(cluster, namespace, racks[0])
    report(cluster, racks[1], headroom=0)

    def made():
        body = json.dumps(pod(namespace, pool_of(racks[0]), "trial"))
        return json.loads(cluster.kubectl("create", "--dry-run=server", "-o", "json", "-f", "-", input=body))

    wait_until(lambda: not noted(made()), "webhook to see that no rack is left", timeout_seconds=15)
    assert "affinity" not in made()["spec"]
    assert "climatik.io/explanation" in made()["metadata"]["annotations"]
