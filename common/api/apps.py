"""Slim views of the built-in workloads whose replicas can be counted and bounded."""

from __future__ import annotations

from common.api.meta import KubeObject, Struct
from common.api.resource import Resource


class RollingUpdate(Struct, frozen=True):
    """How many pods a rollout may make beyond the replicas: a count, or a percentage as text."""

    max_surge: int | str | None = None


class DeploymentStrategy(Struct, frozen=True):
    """How pods of the old template are replaced."""

    type: str = ""
    rolling_update: RollingUpdate | None = None


class DeploymentSpec(Struct, frozen=True):
    """Replicas wanted and how they are rolled out; absent replicas count as 1."""

    replicas: int | None = None
    strategy: DeploymentStrategy = DeploymentStrategy()


class DeploymentStatus(Struct, frozen=True):
    """Pods of the old and the new template."""

    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0


class Deployment(KubeObject, frozen=True):
    """A Deployment."""

    spec: DeploymentSpec = DeploymentSpec()
    status: DeploymentStatus = DeploymentStatus()


class StatefulSetSpec(Struct, frozen=True):
    """Replicas wanted; absent counts as 1."""

    replicas: int | None = None


class StatefulSet(KubeObject, frozen=True):
    """A StatefulSet."""

    spec: StatefulSetSpec = StatefulSetSpec()


DEPLOYMENTS = Resource(
    kind="Deployment", plural="deployments", type=Deployment, group="apps", namespaced=True
)
STATEFUL_SETS = Resource(
    kind="StatefulSet", plural="statefulsets", type=StatefulSet, group="apps", namespaced=True
)
