"""What webhooks add to the creation of a pod on the real API server: none, ours, others by turns.

Each has a namespace of its own on one control plane, with the same Deployment and one object that matches
its pods. Pods are created with ``dryRun=All``: everything happens but the write, so that etcd's disk does
not blur what is compared.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.admission_cost import read
from benchmarks.admission_floor import ALLOWED, PATCHED, start_floor
from benchmarks.admission_load import Load, Outcome, send
from benchmarks.admission_pods import pod, post
from benchmarks.admission_vpa import start_vpa
from deploy.local.cluster import LocalCluster
from deploy.local.processes import ProcessSet, wait_until

APP = "llm"
CONNECTIONS = 8
_NONE, _OURS, _VPA = "without", "ours", "vpa"
_MARKS = {_OURS: "climatik.io/explanation", _VPA: "vpaUpdates", "floor": "example.com/policy"}
_FLOORS = {ALLOWED: "floor-allowed", PATCHED: "floor"}
_CALLED = {
    _OURS: {"pods.climatik.io"},
    _VPA: {"vpa.k8s.io"},
    _FLOORS[ALLOWED]: {"allowed.floor.example.com"},
    _FLOORS[PATCHED]: {"patched.floor.example.com"},
}
_ADDED = {
    _OURS: "added_create",
    _VPA: "vpa_added_create",
    _FLOORS[PATCHED]: "floor_added_create",
    _FLOORS[ALLOWED]: "floor_allowed_added_create",
}


def measure_creates(rounds: int, creates: int, *, vpa: bool) -> dict[str, float | int | str]:
    """Runs the rounds and returns the medians of latency, of what is added, and of the rate."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="climatik-creates-")))
        cluster = stack.enter_context(LocalCluster(folder / "cluster"))
        processes = stack.enter_context(ProcessSet(folder / "logs"))
        variants = [_NONE, _OURS, *_FLOORS.values()] + ([_VPA] if vpa else [])
        cluster.install_crds()
        cluster.install_manifests()
        owners = {variant: _deployment(cluster, variant) for variant in variants}
        if vpa:
            start_vpa(cluster, processes, folder, _VPA, ignored=[one for one in variants if one != _VPA])
        start_floor(cluster, processes, folder / "floor", _FLOORS)
        _start_ours(cluster, processes, excluded=[one for one in [*variants, _VPA] if one != _OURS])
        loads = {variant: _load(cluster, variant, owners[variant], creates) for variant in variants}
        _wait_for_effects(cluster, owners, processes)
        turns = _Turns(cluster, processes, loads).run(rounds)
        _check_effects(cluster, owners)
    return _metrics(turns)


@dataclass(frozen=True)
class _Turn:
    """One round of one variant: latencies, and processor milliseconds for each create."""

    outcome: Outcome
    server_milliseconds: float
    webhook_milliseconds: float


class _Turns:
    """Runs variants by turns, and counts what each of them costs."""

    def __init__(self, cluster: LocalCluster, processes: ProcessSet, loads: dict[str, Load]) -> None:
        self._cluster = cluster
        self._processes = processes
        self._loads = loads

    def run(self, rounds: int) -> dict[str, list[_Turn]]:
        """Each round has every variant once, beginning with another one each time."""
        turns: dict[str, list[_Turn]] = {variant: [] for variant in self._loads}
        variants = list(self._loads)
        for number in range(rounds):
            first = number % len(variants)
            for variant in variants[first:] + variants[:first]:
                turns[variant].append(self._turn(variant))
        return turns

    def _turn(self, variant: str) -> _Turn:
        load = self._loads[variant]
        before = read(self._cluster, self._processes)
        outcome = send(load)
        after = read(self._cluster, self._processes)
        called = {
            name for name, calls in after.calls.items() if calls - before.calls.get(name, 0) >= load.requests
        }
        if called != _CALLED.get(variant, set()):
            raise RuntimeError(f"{variant}: called were {called or 'no webhooks'}")
        return _Turn(
            outcome,
            1e3 * (after.server_seconds - before.server_seconds) / load.requests,
            1e3 * (after.webhook_seconds - before.webhook_seconds) / load.requests,
        )


def _metrics(turns: dict[str, list[_Turn]]) -> dict[str, float | int | str]:
    metrics: dict[str, float | int | str] = {"create_connections": CONNECTIONS}
    for variant, runs in turns.items():
        name = f"create_{variant.replace('-', '_')}"
        metrics |= {
            f"{name}_p50_milliseconds": round(statistics.median(_medians(runs)), 2),
            f"{name}_per_second": round(statistics.median(each.outcome.per_second for each in runs)),
            f"{name}_server_cpu_milliseconds": _median(each.server_milliseconds for each in runs),
            f"{name}_webhook_cpu_milliseconds": _median(each.webhook_milliseconds for each in runs),
        }
    added = {variant: _added(turns, variant) for variant in turns if variant != _NONE}
    for variant, values in added.items():
        metrics |= _spread(_ADDED[variant], values)
    if _VPA in added:
        for variant in (_OURS, _FLOORS[PATCHED]):
            share = statistics.median(added[variant]) / statistics.median(added[_VPA])
            metrics[f"{_ADDED[variant]}_share_of_vpa"] = round(share, 2)
    return metrics


def _medians(runs: list[_Turn]) -> list[float]:
    return [each.outcome.milliseconds(0.5) for each in runs]


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 2)


def _added(turns: dict[str, list[_Turn]], variant: str) -> list[float]:
    """What a variant adds to the median latency, round by round."""
    pairs = zip(_medians(turns[variant]), _medians(turns[_NONE]), strict=True)
    return [one - none for one, none in pairs]


def _spread(name: str, values: list[float]) -> dict[str, float]:
    """The median over the rounds, and the quartiles."""
    low, middle, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
    return {
        f"{name}_milliseconds": round(middle, 2),
        f"{name}_low_milliseconds": round(low, 2),
        f"{name}_high_milliseconds": round(high, 2),
    }


def _start_ours(cluster: LocalCluster, processes: ProcessSet, excluded: list[str]) -> None:
    policy = {
        "apiVersion": "climatik.io/v1alpha1",
        "kind": "PowerCappingPolicy",
        "metadata": {"name": APP, "namespace": _OURS},
        "spec": {
            "powerCapLimit": 100_000,
            "selector": {"matchLabels": {"app": APP}},
            "updatePolicy": {"updateMode": "Initial"},
        },
    }
    cluster.kubectl("apply", "-f", "-", input=json.dumps(policy))
    command = [
        sys.executable, "-m", "admission", f"--kubeconfig={cluster.kubeconfig_for('climatik-admission')}",
        "--webhook-listen-address=127.0.0.1:0", "--webhook-url=https://127.0.0.1:0",
        f"--excluded-namespaces={','.join(['kube-system', *excluded])}",
    ]  # fmt: skip
    processes.start("admission", command)


def _deployment(cluster: LocalCluster, namespace: str) -> dict[str, Any]:
    """Makes namespace and Deployment (of no replicas); returns the reference of its ReplicaSet."""
    cluster.kubectl("create", "namespace", namespace)
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
