"""Deployments, as the Planner reads them."""

from __future__ import annotations

from common.api.core import PodTemplate
from common.api.meta import KubeObject, Struct
from common.api.quantity import whole_number
from common.api.resource import Resource

_GPU_RESOURCE = "nvidia.com/gpu"


class DeploymentSpec(Struct, frozen=True):
    """Replicas and the template."""

    replicas: int = 1
    template: PodTemplate = PodTemplate()


class Deployment(KubeObject, frozen=True):
    """An apps/v1 Deployment."""

    spec: DeploymentSpec = DeploymentSpec()

    @property
    def gpus(self) -> int:
        """GPUs of one replica."""
        containers = self.spec.template.spec.containers or []
        return sum(whole_number(one.resources.limits.get(_GPU_RESOURCE, "")) or 0 for one in containers)


DEPLOYMENTS = Resource(
    kind="Deployment", plural="deployments", type=Deployment, group="apps", namespaced=True
)
