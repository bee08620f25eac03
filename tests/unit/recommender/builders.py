"""Objects and views for tests, short."""

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
from common.api.policy import PolicySpec, PowerCappingPolicy
from common.api.selector import LabelSelector
from common.telemetry.table import Place, join_tables, make_table
from recommender.model.pods import PodView

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
SOURCES = {"climatik": 1.0, "dcgm": 1.0, "kepler": 5.0, "kepler-0.9": 30.0}
"""Sources, best first, with the seconds that their watts are the mean of."""


def table(**sources):
    """A table from rows of (place, watts) by source."""
    tables = []
    for source, rows in sources.items():
        places = [Place(*place) for place, _ in rows]
        watts = np.array([value for _, value in rows], dtype=float)
        tables.append(make_table(source, places, watts, np.zeros(len(rows))))
    return join_tables(tables)


def pod_view(name, node="n1", *, namespace="ns", workload="Deployment/chat", gpus=1, labels=None):
    return PodView(
        namespace=namespace, name=name, node=node, labels=labels or {"app": "chat"}, workload=workload,
        containers=("server", "sidecar"), gpu_container="server", gpus=gpus, reserved_watts=0,
    )  # fmt: skip


def pod(name, node="n1", *, namespace="ns", gpus=1, labels=None, phase="Running"):
    limits = {"nvidia.com/gpu": str(gpus)} if gpus else {}
    owner = OwnerReference(kind="ReplicaSet", name="chat-5d4f8", controller=True)
    return Pod(
        metadata=ObjectMeta(
            name=name,
            namespace=namespace,
            labels={"app": "chat", "pod-template-hash": "5d4f8"} | (labels or {}),
            owner_references=[owner],
        ),
        spec=PodSpec(
            node_name=node,
            containers=[Container(name="server", resources=ResourceRequirements(limits=limits))],
        ),
        status=PodStatus(phase=phase),
    )  # fmt: skip


def node(name, **labels):
    return Node(metadata=ObjectMeta(name=name, labels={"rack": "r1"} | labels))


def frequencies(name, *, gpus=2, nameplate=1100, minimum=600, limit=300, version=1):
    boards = [
        GpuStatus(
            gpu_id=f"GPU-{name}-{i}", enforced_watts=limit, minimum_watts=100, maximum_watts=300,
            maximum_frequency=1980,
        )
        for i in range(gpus)
    ]  # fmt: skip
    budget = BudgetStatus(uid="u", sequence=1, nameplate_watts=nameplate, minimum_budget_watts=minimum)
    return NodeFrequencies(
        metadata=ObjectMeta(name=name),
        spec=FrequenciesSpec(node_name=name),
        status=FrequenciesStatus(protocol_version=version, power_budget=budget, gpus=boards),
    )


def domain(name, **spec):
    selector = spec.pop("selector", None)
    node_selector = LabelSelector(match_labels=selector) if selector is not None else None
    return PowerDomain(
        metadata=ObjectMeta(name=name, uid=f"uid-{name}", generation=1),
        spec=DomainSpec(node_selector=node_selector, **spec),
    )


def policy(name="cap", *, status=None, **spec):
    made = PowerCappingPolicy(
        metadata=ObjectMeta(name=name, namespace="ns", uid=f"uid-{name}", generation=3),
        spec=PolicySpec(**{"selector": LabelSelector(match_labels={"app": "chat"}), **spec}),
    )
    return made if status is None else type(made)(metadata=made.metadata, spec=made.spec, status=status)
