"""What the actuator's token may do to owners of counts and to policies, and what it may not."""

from __future__ import annotations

import pytest

from common.api.apps import DEPLOYMENTS
from common.api.names import FINALIZER_RELEASE
from common.api.policy import POLICIES
from common.kube.client import Client
from common.kube.config_sources import load_config
from common.kube.errors import Forbidden, KubeError

from .conftest import Place


async def test_a_policy_may_be_held_but_not_changed(place: Place) -> None:
    await place.policy()
    async with Client(load_config(place.settings.kubeconfig)) as actuator:
        held = {"metadata": {"finalizers": [FINALIZER_RELEASE]}}
        await actuator.patch(POLICIES, "cap", held, place.namespace)
        with pytest.raises(
            KubeError, match="may not change the spec of a PowerDomain or a PowerCappingPolicy"
        ):
            await actuator.patch(POLICIES, "cap", {"spec": {"powerCapLimit": 1}}, place.namespace)


async def test_a_deployment_may_be_bounded_but_not_deleted_or_made(place: Place) -> None:
    await place.deployment("chat", 1)
    async with Client(load_config(place.settings.kubeconfig)) as actuator:
        await actuator.patch(DEPLOYMENTS, "chat", {"spec": {"replicas": 0}}, place.namespace)
        with pytest.raises(Forbidden):
            await actuator.delete(DEPLOYMENTS, "chat", place.namespace)
        with pytest.raises(Forbidden):
            await actuator.create(DEPLOYMENTS, {"metadata": {"name": "other"}}, place.namespace)
