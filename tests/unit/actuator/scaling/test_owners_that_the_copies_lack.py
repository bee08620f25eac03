"""An owner that the local copies do not show is asked for: one that is there keeps its ceiling."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from actuator.audit.journal import Journal
from actuator.scaling.announce import Announcer, CeilingMetrics
from actuator.scaling.climb import Climber
from actuator.scaling.execute import Executor
from actuator.scaling.memory import Held, Note, write_note
from actuator.scaling.owner_store import OwnerStore
from actuator.scaling.survey import Survey, Surveyor
from common.api.core import ObjectReference
from common.api.meta import ObjectMeta
from common.api.names import ANNOTATION_CEILING
from common.api.policy import PowerCappingPolicy
from common.kube.api_resources import ApiResources
from common.kube.errors import KubeError, api_error
from common.kube.events import EventRecorder

from .small_server import SmallServer

PATH = "/apis/serving.kserve.io/v1beta1/namespaces/ns/inferenceservices/chat"
OWNER = ObjectReference(
    api_version="serving.kserve.io/v1beta1", kind="InferenceService", name="chat", namespace="ns"
)
POLICY = PowerCappingPolicy(metadata=ObjectMeta(name="cap", namespace="ns"))
NOTES = {OWNER: Note({"/spec/predictor/maxReplicas": Held(4, 2, "ns/cap", "t")})}


async def look(server: SmallServer) -> Survey:
    client = server.client()
    kinds = ApiResources(client, client.clock)
    copies: Any = SimpleNamespace(kinds=kinds, find=lambda _: None)
    surveyor = Surveyor(copies, Climber(client, copies, client.clock), OwnerStore(client, kinds))
    return await surveyor.survey(POLICY, NOTES)


async def test_one_that_is_there_is_not_gone() -> None:
    server = SmallServer()
    server.put(PATH, {"spec": {"predictor": {"minReplicas": 1, "maxReplicas": 2}}})
    found = await look(server)
    assert found.gone == []
    assert [(one.owner, one.bound, one.wanted) for one in found.services] == [(OWNER, 2, 4)]


async def test_one_that_is_not_there_is_gone() -> None:
    assert (await look(SmallServer())).gone == [OWNER]


async def test_without_an_answer_nothing_is_concluded() -> None:
    server = SmallServer()

    async def fails(_: object) -> Any:
        raise api_error(503, b"{}")
        yield b""

    server.answer = fails  # type: ignore[method-assign]
    with pytest.raises(KubeError):
        await look(server)


async def test_what_is_held_of_a_part_that_is_gone_is_forgotten() -> None:
    """The prefill workload was taken out of the service: its note would else stay as long as the policy."""
    path = PATH.replace("v1beta1", "v1alpha2").replace("inference", "llminference")
    owner = replace(OWNER, kind="LLMInferenceService", api_version="serving.kserve.io/v1alpha2")
    notes = {owner: Note({"/spec/prefill/replicas": Held(4, 2, "ns/cap", "t")})}
    server = SmallServer()
    note = write_note(notes[owner], "LLMInferenceService/chat")
    server.put(path, {"metadata": {"annotations": {ANNOTATION_CEILING: note}}, "spec": {"replicas": 3}})
    client = server.client()
    copies: Any = SimpleNamespace(kinds=ApiResources(client, client.clock), find=lambda _: None)
    events = EventRecorder(client, "test", client.clock)
    announcer = Announcer(CeilingMetrics(CollectorRegistry()), events, Journal())
    survey = Survey(gone=[replace(owner, field_path="spec.prefill")])
    await Executor(client, copies, announcer, lambda: True).scale(POLICY, survey, notes)
    assert server.annotations(path) == {}
    assert server.spec(path) == {"replicas": 3}
