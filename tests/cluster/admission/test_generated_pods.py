"""Hundreds of pods of all shapes: the API server takes what the webhook makes of them, and once is enough."""

import json
import random
from datetime import UTC, datetime

import pytest

from common.api.meta import rfc3339
from deploy.local.processes import wait_until
from tests.cluster.admission.objects import LABELS, WATTS, create, policy

PODS = 300
RACK = "climatik-test/generated-rack"


def resources(chance):
    limits = {"nvidia.com/gpu": str(chance.randint(1, 8))} if chance.random() < 0.5 else {}
    limits |= {"memory": "1Gi"} if chance.random() < 0.5 else {}
    requests = {"cpu": chance.choice(["100m", "2", "1500m"])} if chance.random() < 0.5 else {}
    if chance.random() < 0.1:
        limits[WATTS] = requests[WATTS] = "77"
    return chance.choice([{"resources": {"limits": limits, "requests": requests}}, {}])


def container(chance, name, **more):
    arguments = {"args": ["--model", "x" * 200] * 40} if chance.random() < 0.1 else {}
    return {"name": name, "image": "registry.example/x:v1", **arguments, **resources(chance), **more}


def node_affinity(chance):
    zone = {"key": "zone", "operator": "In", "values": ["a", "b"]}
    rack = {"key": RACK, "operator": "Exists"}
    field = {"key": "metadata.name", "operator": "NotIn", "values": ["elsewhere"]}
    terms = [{"matchExpressions": [chance.choice([zone, rack])]}, {"matchFields": [field]}, {}]
    required = {"nodeSelectorTerms": chance.sample(terms, chance.randint(1, 3))}
    wish = {"weight": chance.randint(1, 100), "preference": {"matchExpressions": [zone]}}
    kinds = {
        "requiredDuringSchedulingIgnoredDuringExecution": required,
        "preferredDuringSchedulingIgnoredDuringExecution": [wish],
    }
    return {kind: value for kind, value in kinds.items() if chance.random() < 0.6}


def spec(chance):
    made = {"containers": [container(chance, f"c{n}") for n in range(chance.randint(1, 5))]}
    if chance.random() < 0.4:
        made["initContainers"] = [
            container(chance, "init"), container(chance, "sidecar", restartPolicy="Always"),
        ]  # fmt: skip
    if chance.random() < 0.4:
        made["affinity"] = chance.choice([{}, {"nodeAffinity": node_affinity(chance)}])
    made["nodeSelector"] = chance.choice([{}, {RACK: "some"}, {"zone": "a"}])
    if chance.random() < 0.1:
        made["volumes"] = [{"name": f"v{n}", "emptyDir": {}} for n in range(300)]
    return made | chance.choice(
        [
            {},
            {},
            {"os": {"name": "windows"}, "nodeSelector": {"kubernetes.io/os": "windows"}},
            {"os": {"name": "linux"}, "hostNetwork": True},
            {"nodeName": "generated-node"},
            {"restartPolicy": "Never", "schedulingGates": [{"name": "example.com/later"}]},
        ]
    )


def owner(chance):
    kind, version = chance.choice(
        [
            ("ReplicaSet", "apps/v1"),
            ("Job", "batch/v1"),
            ("StatefulSet", "apps/v1"),
            ("DaemonSet", "apps/v1"),
            ("LeaderWorkerSet", "leaderworkerset.x-k8s.io/v1"),
        ]
    )
    name = f"{kind.lower()}-{chance.randint(10_000_000, 99_999_999)}"
    return {"apiVersion": version, "kind": kind, "name": name, "uid": f"u-{name}", "controller": True}


def pod(chance, number):
    notes = chance.choice([{}, {"example.com/a.b": "x/y"}, {"climatik.io/reserved-watts": "12"}])
    meta = {"name": f"generated-{number}", "labels": {**LABELS, "n": str(number)}, "annotations": notes}
    if chance.random() < 0.6:
        meta["ownerReferences"] = [owner(chance)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec(chance)}


def mirror(number):
    """What a kubelet writes of a static pod."""
    notes = {"kubernetes.io/config.mirror": "x", "kubernetes.io/config.source": "file"}
    meta = {"name": f"mirror-{number}", "labels": LABELS, "annotations": notes}
    body = {"nodeName": "generated-node", "containers": [{"name": "c", "image": "x"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": body}


def submitted(cluster, namespace, bodies):
    """The pods as the API server would store them."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies})
    flags = ["--dry-run=server", "-o", "json", "-f", "-"]
    answer = cluster.kubectl("create", "-n", namespace, *flags, input=text).lstrip()
    made = []
    while answer:  # one object after the other
        one, end = json.JSONDecoder().raw_decode(answer)
        made.append(one)
        answer = answer[end:].lstrip()
    return made


@pytest.fixture
def governed(cluster, namespace, webhook, pool):
    """A policy that acts, and a rack without watts, both known to the webhook."""
    create(cluster, policy(namespace))
    spec = {"nodeSelector": {"matchLabels": {RACK: "full"}}, "capWatts": 1000}
    kind = {"apiVersion": "climatik.io/v1alpha1", "kind": "PowerDomain"}
    full = f"full-{namespace}"
    create(cluster, {**kind, "metadata": {"name": full}, "spec": spec})
    seen = {"nodes": 1, "powerWatts": 1000, "headroomWatts": 0, "lastUpdated": rfc3339(datetime.now(UTC))}
    patch = json.dumps({"status": {"observed": seen}})
    cluster.kubectl("patch", "powerdomain", full, "--subresource=status", "--type=merge", "-p", patch)
    plain = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": LABELS}}
    plain["spec"] = {"containers": [{"name": "c", "image": "x"}]}
    wait_until(
        lambda: full in json.dumps(submitted(cluster, namespace, [plain])[0]["metadata"]),
        "policy and report to reach the webhook",
        timeout_seconds=15,
    )
    yield namespace
    cluster.kubectl("delete", "powerdomain", full, "--wait=false")


def ours(made):
    """All that the webhook may set."""
    parts = [one.get("resources", {}) for one in made["spec"]["containers"]]
    watts = [(part.get("limits", {}).get(WATTS), part.get("requests", {}).get(WATTS)) for part in parts]
    return watts, made["spec"].get("affinity"), made["metadata"].get("annotations")


def test_api_server_takes_every_pod_and_a_second_pass_changes_nothing(cluster, governed):
    chance = random.Random(8)
    bodies = [pod(chance, number) for number in range(PODS)]
    made = submitted(cluster, governed, bodies)
    assert len(made) == PODS
    assert all("climatik.io/explanation" in one["metadata"]["annotations"] for one in made)
    noted = [one for one in made if "climatik.io/placement" in one["metadata"]["annotations"]]
    assert len(noted) > PODS / 5, "the shapes are to cover pods that are led, too"
    for one in made:
        for field in ("uid", "creationTimestamp"):
            one["metadata"].pop(field, None)
        one.pop("status", None)
    again = submitted(cluster, governed, made)
    assert [ours(one) for one in again] == [ours(one) for one in made]


def test_mirror_pods_are_taken_as_they_are(cluster, governed):
    for one in submitted(cluster, governed, [mirror(1), mirror(2)]):
        assert set(one["metadata"]["annotations"]) == {
            "kubernetes.io/config.mirror",
            "kubernetes.io/config.source",
        }
