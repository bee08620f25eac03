"""Services of KServe: the ceiling is written at the service, and its controller hands it on."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from common.api.apps import DEPLOYMENTS
from common.api.autoscaling import SCALED_OBJECTS
from common.api.kserve import INFERENCE_SERVICES, LLM_INFERENCE_SERVICES
from common.api.names import ANNOTATION_CEILING, ANNOTATION_CEILINGS
from common.api.policy import POLICIES
from common.kube.errors import KubeError
from deploy.local.cluster import LocalCluster
from deploy.local.keda import Keda
from tests.fakes import kserve
from tests.fakes.kserve.inference_service import reconcile_services
from tests.fakes.kserve.llm_inference_service import reconcile_llm_services

from .conftest import Place, running, workload_spec
from .services import ALWAYS, load

TRIGGERS = [{"type": "cron", "metadata": ALWAYS}]


@pytest.fixture(scope="module")
def kserve_crds(cluster: LocalCluster) -> None:
    folder = str(Path(kserve.__file__).parent / "crds")
    cluster.kubectl("apply", "--server-side", "-f", folder)
    cluster.kubectl("wait", "--for=condition=Established", "-f", folder, "--timeout=30s")


@pytest.fixture
async def controlled(place: Place, kserve_crds: None, keda: Keda) -> Place:
    """A place where KServe's controllers run, and load on everything."""
    place.background.append(asyncio.create_task(_control(place)))
    place.background.append(asyncio.create_task(load(place.client, place.namespace)))
    return place


async def _control(place: Place) -> None:
    def template(name: str) -> dict[str, object]:
        return workload_spec(name, place.node)

    while True:
        with contextlib.suppress(KubeError):
            await reconcile_services(place.client, place.namespace, template, TRIGGERS)
            await reconcile_llm_services(place.client, place.namespace, template, TRIGGERS)
        await asyncio.sleep(0.3)


async def test_an_inference_service_is_bounded_at_its_predictor(controlled: Place) -> None:
    place = controlled
    spec = {"predictor": {"minReplicas": 1, "maxReplicas": 5}}
    body = {"metadata": {"name": "bert", "annotations": {"serving.kserve.io/autoscalerClass": "keda"}}}
    await place.client.create(INFERENCE_SERVICES, {**body, "spec": spec}, place.namespace)
    await place.until(lambda: _pods(place, "bert-predictor", 5), "the pods")
    rollouts = await _generation(place, "bert-predictor")
    await place.policy()
    await place.advise(200, {"Deployment/bert-predictor": 2})
    async with running(place):
        await place.until(lambda: _pods(place, "bert-predictor", 2), "fewer pods")
        assert await place.spec(INFERENCE_SERVICES, "bert") == {
            "predictor": {"minReplicas": 1, "maxReplicas": 2}
        }
        await asyncio.sleep(2)  # several rounds of both controllers
        assert (await place.spec(SCALED_OBJECTS, "bert-predictor"))["maxReplicaCount"] == 2
        assert ANNOTATION_CEILINGS in (await place.the_policy()).metadata.annotations
        await place.advise(500, {"Deployment/bert-predictor": 5})
        await place.until(lambda: _pods(place, "bert-predictor", 5), "the pods of before")
    assert await place.spec(INFERENCE_SERVICES, "bert") == spec
    assert await place.note(INFERENCE_SERVICES, "bert") is None
    assert ANNOTATION_CEILINGS not in (await place.the_policy()).metadata.annotations
    assert await _generation(place, "bert-predictor") - rollouts <= 2 * 5  # scaled, and nothing else
    assert await _templates(place, "bert-predictor") == 1


async def test_a_person_who_changes_the_service_wins(controlled: Place) -> None:
    place = controlled
    spec = {"predictor": {"minReplicas": 1, "maxReplicas": 5}}
    await place.client.create(
        INFERENCE_SERVICES, {"metadata": {"name": "bert"}, "spec": spec}, place.namespace
    )
    await place.until(lambda: _pods(place, "bert-predictor", 5), "the pods")
    await place.policy()
    await place.advise(200, {"Deployment/bert-predictor": 2})
    async with running(place):
        await place.until(lambda: _pods(place, "bert-predictor", 2), "fewer pods")
        theirs = {"spec": {"predictor": {"maxReplicas": 4}}}
        await place.client.patch(INFERENCE_SERVICES, "bert", theirs, place.namespace)
        await place.until(lambda: _told(place, "ChangedByOther"), "the Event")
        await place.client.delete(POLICIES, "cap", place.namespace)
        await place.until(lambda: _no_policy(place), "the policy to go")
    assert (await place.spec(INFERENCE_SERVICES, "bert"))["predictor"]["maxReplicas"] == 4


async def test_both_workloads_of_an_llm_service_are_bounded_at_the_service(controlled: Place) -> None:
    place = controlled
    scaling = {"minReplicas": 1, "maxReplicas": 4}
    spec = {"scaling": scaling, "prefill": {"scaling": {**scaling, "maxReplicas": 3}}}
    await place.client.create(
        LLM_INFERENCE_SERVICES, {"metadata": {"name": "llama"}, "spec": spec}, place.namespace
    )
    await place.until(lambda: _both(place, 4, 3), "the pods")
    await place.policy()
    await place.advise(300, {"Deployment/llama-kserve": 2, "Deployment/llama-kserve-prefill": 1})
    async with running(place):
        await place.until(lambda: _both(place, 2, 1), "fewer pods")
        assert await place.note(LLM_INFERENCE_SERVICES, "llama")
        for name in ("llama-kserve-keda", "llama-kserve-prefill-keda"):
            found = await place.client.get(SCALED_OBJECTS, name, place.namespace)
            assert ANNOTATION_CEILING not in found.metadata.annotations
        await place.advise(700, {"Deployment/llama-kserve": 4, "Deployment/llama-kserve-prefill": 3})
        await place.until(lambda: _both(place, 4, 3), "the pods of before")
    assert await place.spec(LLM_INFERENCE_SERVICES, "llama") == spec
    assert await place.note(LLM_INFERENCE_SERVICES, "llama") is None


async def test_the_count_of_an_llm_service_without_scaling_is_lowered_itself(controlled: Place) -> None:
    place = controlled
    body = {"metadata": {"name": "llama"}, "spec": {"replicas": 3}}
    await place.client.create(LLM_INFERENCE_SERVICES, body, place.namespace)
    await place.until(lambda: _pods(place, "llama-kserve", 3), "the pods")
    await place.policy()
    await place.advise(100, {"Deployment/llama-kserve": 1})
    async with running(place):
        await place.until(lambda: _pods(place, "llama-kserve", 1), "fewer pods")
        assert await place.spec(LLM_INFERENCE_SERVICES, "llama") == {"replicas": 1}
        await place.advise(300, {"Deployment/llama-kserve": 3})
        await place.until(lambda: _pods(place, "llama-kserve", 3), "the pods of before")


async def _pods(place: Place, app: str, count: int) -> bool:
    return await place.pods(app) == count


async def _both(place: Place, main: int, prefill: int) -> bool:
    return await _pods(place, "llama-kserve", main) and await _pods(place, "llama-kserve-prefill", prefill)


async def _generation(place: Place, name: str) -> int:
    return (await place.client.get(DEPLOYMENTS, name, place.namespace)).metadata.generation


async def _templates(place: Place, app: str) -> int:
    """Returns how many pod templates the Deployment has had: more than one means a rollout."""
    import json

    path = f"/apis/apps/v1/namespaces/{place.namespace}/replicasets"
    found = json.loads(await place.client.request("GET", path, query={"labelSelector": f"app={app}"}))
    return len(found["items"])


async def _told(place: Place, words: str) -> bool:
    return any(words in one for one in await place.reasons())


async def _no_policy(place: Place) -> bool:
    return not (await place.client.list(POLICIES, place.namespace)).items
