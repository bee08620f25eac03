"""What webhooks add to the creation of a pod on the real API server: none, ours, others by turns.

Each has a namespace of its own on one control plane, with the same Deployment and one object that matches
its pods. Pods are created with ``dryRun=All``: everything happens but the write, so that etcd's disk does
not blur what is compared.
"""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.admission.floor import PATCHED, start_floor
from benchmarks.admission.load import Load
from benchmarks.admission.pods import pod, post
from benchmarks.admission.turns import FLOORS, NONE, OURS, VPA, Turns, metrics_of
from benchmarks.vpa import Autoscaler, start_admission_controller
from benchmarks.webhook import start_webhook
from deploy.local.cluster import LocalCluster
from deploy.local.processes import ProcessSet, wait_until

APP = "llm"
CONNECTIONS = 8
_MARKS = {OURS: "climatik.io/explanation", VPA: "vpaUpdates", FLOORS[PATCHED]: "example.com/policy"}


_AUTOSCALER = Autoscaler(namespace=VPA, deployment=APP, mode="Initial", target={"cpu": "3", "memory": "12Gi"})


def measure_creates(rounds: int, creates: int, *, vpa: bool) -> dict[str, float | int | str]:
    """Runs the rounds and returns the medians of latency, of what is added, and of the rate."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="climatik-creates-")))
        cluster = stack.enter_context(LocalCluster(folder / "cluster"))
        processes = stack.enter_context(ProcessSet(folder / "logs"))
        variants = [NONE, OURS, *FLOORS.values()] + ([VPA] if vpa else [])
        cluster.install_crds()
        cluster.install_manifests()
        owners = {variant: _deployment(cluster, variant) for variant in variants}
        if vpa:
            ignored = [one for one in variants if one != VPA]
            start_admission_controller(cluster, processes, folder, _AUTOSCALER, ignored)
        start_floor(cluster, processes, folder / "floor", FLOORS)
        _start_ours(cluster, processes, excluded=[one for one in [*variants, VPA] if one != OURS])
        loads = {variant: _load(cluster, variant, owners[variant], creates) for variant in variants}
        _wait_for_effects(cluster, owners, processes)
        turns = Turns(cluster, processes, loads).run(rounds)
        _check_effects(cluster, owners)
    return {"create_connections": CONNECTIONS, **metrics_of(turns)}


def _start_ours(cluster: LocalCluster, processes: ProcessSet, excluded: list[str]) -> None:
    policy = {
        "apiVersion": "climatik.io/v1alpha1",
        "kind": "PowerCappingPolicy",
        "metadata": {"name": APP, "namespace": OURS},
        "spec": {
            "powerCapLimit": 100_000,
            "selector": {"matchLabels": {"app": APP}},
            "updatePolicy": {"updateMode": "Initial"},
        },
    }
    cluster.kubectl("apply", "-f", "-", input=json.dumps(policy))
    start_webhook(cluster, processes, excluded)


def _deployment(cluster: LocalCluster, namespace: str) -> dict[str, Any]:
    """Makes namespace and Deployment (of no replicas); returns the reference of its ReplicaSet."""
    cluster.create_namespace(namespace)
    template = pod(namespace, APP)
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": APP, "namespace": namespace},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"app": APP}},
            "template": {"metadata": {"labels": {"app": APP}}, "spec": template["spec"]},
        },
    }
    cluster.kubectl("apply", "-f", "-", input=json.dumps(body))

    def sets() -> list[dict[str, Any]]:
        found = json.loads(cluster.kubectl("get", "replicasets", "-n", namespace, "-o", "json"))
        return list(found["items"])

    wait_until(lambda: bool(sets()), "ReplicaSet", timeout_seconds=30)
    meta = sets()[0]["metadata"]
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
    }


def _load(cluster: LocalCluster, namespace: str, owner: dict[str, Any], creates: int) -> Load:
    body = json.dumps(pod(namespace, APP, owner)).encode()
    pki = cluster.workdir / "pki"
    return Load(
        port=int(cluster.server.rpartition(":")[2]),
        request=post(f"/api/v1/namespaces/{namespace}/pods?dryRun=All", body),
        status=201,
        connections=CONNECTIONS,
        requests=creates,
        ca_file=str(pki / "ca.crt"),
        certificate=(str(pki / "admin.crt"), str(pki / "admin.key")),
    )


def _effects(cluster: LocalCluster, owners: dict[str, dict[str, Any]]) -> dict[str, bool]:
    """Whether a pod made in each namespace comes out as it should: changed by its own webhook alone."""
    seen: dict[str, bool] = {}
    for variant, owner in owners.items():
        made = cluster.kubectl(
            "create", "--dry-run=server", "-o", "json", "-f", "-", input=json.dumps(pod(variant, APP, owner))
        )
        annotations = json.loads(made)["metadata"].get("annotations", {})
        found = {owner for owner, mark in _MARKS.items() if mark in annotations}
        seen[variant] = found == {variant} & _MARKS.keys()
    return seen


def _wait_for_effects(
    cluster: LocalCluster, owners: dict[str, dict[str, Any]], processes: ProcessSet
) -> None:
    wait_until(
        lambda: all(_effects(cluster, owners).values()),
        "webhooks at work in their namespaces",
        timeout_seconds=60,
        check=processes.check,
    )


def _check_effects(cluster: LocalCluster, owners: dict[str, dict[str, Any]]) -> None:
    seen = _effects(cluster, owners)
    if not all(seen.values()):
        raise RuntimeError(f"a webhook ceased to work during the measurement: {seen}")
