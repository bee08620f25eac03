"""A large cluster in memory: nodes with agents, pods that hold GPUs, policies that really select them."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from common.api.core import Container, Node, Pod, PodSpec, PodStatus, ResourceRequirements
from common.api.domain import DomainSpec, PowerDomain
from common.api.frequencies import (
    BudgetStatus,
    FrequenciesSpec,
    FrequenciesStatus,
    GpuStatus,
    NodeFrequencies,
)
from common.api.meta import ObjectMeta, OwnerReference
from common.api.names import PROTOCOL_VERSION
from common.api.policy import PolicySpec, PowerCappingPolicy
from common.api.selector import LabelSelector
from common.telemetry.reading import Reading
from common.telemetry.table import Place, PowerTable, join_tables, make_table
from recommender.model.world import Objects

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
GPUS = 8
PODS = 20
"""Per node: 8 hold a GPU each, 12 hold none (sidecars of the platform, as clusters have them)."""
NODES_PER_RACK = 50
NODES_PER_POLICY = 5


def make_objects(nodes: int) -> Objects:
    """Returns what the caches hold: a policy per five nodes, whose GPU pods it selects by label."""
    names = [f"node-{number:05}" for number in range(nodes)]
    policies = max(1, nodes // NODES_PER_POLICY)
    return Objects(
        policies=tuple(_policy(number) for number in range(policies)),
        domains=_domains(nodes),
        pods=tuple(_pod(node, place, policies) for node in range(nodes) for place in range(PODS)),
        nodes=tuple(
            Node(metadata=ObjectMeta(name=name, labels={"rack": _rack(number)}))
            for number, name in enumerate(names)
        ),
        frequencies=tuple(_frequencies(name) for name in names),
    )


def make_reading(nodes: int, seed: int, at: float) -> Reading:
    """Returns the agents' rows of nodes, packages and GPUs, and the DCGM exporter's with pods."""
    random = np.random.default_rng(seed)
    gpus = random.uniform(250, 650, (nodes, GPUS))
    host = random.uniform(200, 400, nodes)
    tables = [_agent_rows(gpus, host), _dcgm_rows(gpus)]
    return Reading(at, join_tables(tables), ("climatik", "dcgm"))


def _agent_rows(gpus: np.ndarray, host: np.ndarray) -> PowerTable:
    places, watts = [], []
    for node in range(len(host)):
        name = f"node-{node:05}"
        places += [Place("node", name), Place("package", name, "0")]
        watts += [float(gpus[node].sum() + host[node] + 150.0), float(host[node])]
        places += [Place("gpu", name, _uuid(node, gpu)) for gpu in range(GPUS)]
        watts += gpus[node].tolist()
    return make_table("climatik", places, np.array(watts), np.zeros(len(watts)))


def _dcgm_rows(gpus: np.ndarray) -> PowerTable:
    places = [
        Place("gpu", f"node-{node:05}", _uuid(node, gpu), _namespace(node), _pod_name(node, gpu), "server")
        for node in range(len(gpus))
        for gpu in range(GPUS)
    ]
    return make_table("dcgm", places, gpus.ravel(), np.zeros(gpus.size))


def _policy(number: int) -> PowerCappingPolicy:
    return PowerCappingPolicy(
        metadata=ObjectMeta(
            name=f"cap-{number}", namespace=f"team-{number % 50}", uid=f"p-{number}", generation=1
        ),
        spec=PolicySpec(
            power_cap_limit=NODES_PER_POLICY * GPUS * 420,
            selector=LabelSelector(match_labels={"app": f"model-{number}"}),
            priority=number % 3,
        ),
    )


def _domains(nodes: int) -> tuple[PowerDomain, ...]:
    racks = -(-nodes // NODES_PER_RACK)
    cluster = PowerDomain(
        metadata=ObjectMeta(name="cluster", uid="d", generation=1), spec=DomainSpec(cap_watts=nodes * 4200)
    )
    return (cluster, *(_rack_domain(f"rack-{number}") for number in range(racks)))


def _rack_domain(name: str) -> PowerDomain:
    selector = LabelSelector(match_labels={"rack": name})
    spec = DomainSpec(parent="cluster", node_selector=selector, cap_watts=NODES_PER_RACK * 4500)
    return PowerDomain(metadata=ObjectMeta(name=name, uid=f"d-{name}", generation=1), spec=spec)


def _pod(node: int, place: int, policies: int) -> Pod:
    policy = min(node // NODES_PER_POLICY, policies - 1)
    limits = {"nvidia.com/gpu": "1"} if place < GPUS else {}
    app = f"model-{policy}" if place < GPUS else f"sidecar-{place}"
    owner = OwnerReference(kind="ReplicaSet", name=f"{app}-5d4f8", controller=True)
    return Pod(
        metadata=ObjectMeta(
            name=_pod_name(node, place),
            namespace=_namespace(node),
            labels={"app": app, "pod-template-hash": "5d4f8"},
            owner_references=[owner],
        ),
        spec=PodSpec(
            node_name=f"node-{node:05}",
            containers=[Container(name="server", resources=ResourceRequirements(limits=limits))],
        ),
        status=PodStatus(phase="Running"),
    )


def _frequencies(name: str) -> NodeFrequencies:
    boards = [
        GpuStatus(
            gpu_id=_uuid(int(name.removeprefix("node-")), gpu), enforced_watts=700, minimum_watts=200,
            maximum_watts=700, maximum_frequency=1980,
        )
        for gpu in range(GPUS)
    ]  # fmt: skip
    budget = BudgetStatus(uid="u", sequence=1, nameplate_watts=6500, minimum_budget_watts=2200)
    return NodeFrequencies(
        metadata=ObjectMeta(name=name),
        spec=FrequenciesSpec(node_name=name),
        status=FrequenciesStatus(protocol_version=PROTOCOL_VERSION, power_budget=budget, gpus=boards),
    )


def _namespace(node: int) -> str:
    return f"team-{node // NODES_PER_POLICY % 50}"


def _rack(node: int) -> str:
    return f"rack-{node // NODES_PER_RACK}"


def _pod_name(node: int, place: int) -> str:
    return f"pod-{node:05}-{place}"


def _uuid(node: int, gpu: int) -> str:
    return f"GPU-{node:05}-{gpu}"
