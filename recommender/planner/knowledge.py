"""States of services, put together from the inventory and the samples."""

from __future__ import annotations

import math

from common.api.policy import PolicySpec
from recommender.planner.config import PlanSettings
from recommender.planner.deployments import Deployment
from recommender.planner.inventory import Inventory
from recommender.planner.observe import Samples
from recommender.planner.service_state import ServiceKey, ServiceState, first_target_of

_NO_POLICY = PolicySpec()


class Knowledge:
    """Answers what is known of a service now."""

    def __init__(self, settings: PlanSettings, inventory: Inventory, samples: Samples) -> None:
        self._settings = settings
        self._inventory = inventory
        self._samples = samples

    def unready(self) -> str | None:
        """Says why nothing can be answered yet; None when all is well."""
        return self._inventory.unsynced()

    def state(self, key: ServiceKey) -> ServiceState | None:
        """Returns the state of a Deployment; None for one that is not there."""
        deployment = self._inventory.deployments.get(key.name, key.namespace)
        if deployment is None:
            return None
        policy = self._inventory.policy_of(deployment) or _NO_POLICY
        return state_of(key, deployment, policy, self._samples, self._settings)


def state_of(
    key: ServiceKey, deployment: Deployment, policy: PolicySpec, samples: Samples, settings: PlanSettings
) -> ServiceState:
    """Returns the state of a service from its Deployment, its policy and its samples."""
    replicas = deployment.spec.replicas
    least = min(policy.update_policy.min_replicas, replicas)
    target = policy.inter_token_latency_milliseconds or settings.inter_token_target_milliseconds
    nameplate = settings.unmeasured_replica_watts + deployment.gpus * settings.unmeasured_gpu_watts
    return ServiceState(
        key=key,
        replicas=replicas,
        least_replicas=least,
        most_replicas=max(1, math.ceil(replicas * settings.most_replicas_factor)),
        priority=policy.priority,
        target_seconds=target / 1000.0,
        tokens_per_second=samples.demand(key),
        first_target_seconds=first_target_of(policy),
        model=samples.model(key),
        nameplate_watts=max(1.0, nameplate),
    )
