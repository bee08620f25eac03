"""Pods and nodes as the recommender sees them."""

import pytest

from common.api.core import Container, Pod, PodSpec, PodStatus, ResourceRequirements
from common.api.meta import ObjectMeta, OwnerReference
from common.api.workload import workload_of
from recommender.model.nodes import view_node
from recommender.model.pods import view_pod
from tests.unit.recommender.builders import frequencies, node, pod


@pytest.mark.parametrize(
    ("kind", "name", "labels", "workload"),
    [
        ("ReplicaSet", "chat-5d4f8", {"pod-template-hash": "5d4f8"}, "Deployment/chat"),
        ("ReplicaSet", "bare", {}, "ReplicaSet/bare"),
        ("StatefulSet", "db", {}, "StatefulSet/db"),
        ("Job", "train", {}, "Job/train"),
    ],
)
def test_the_workload_is_what_people_know(kind, name, labels, workload):
    owner = OwnerReference(kind=kind, name=name, controller=True)
    assert workload_of(Pod(metadata=ObjectMeta(labels=labels, owner_references=[owner]))) == workload


def test_a_bare_pod_is_its_own_workload():
    assert workload_of(Pod(metadata=ObjectMeta(name="alone"))) == "Pod/alone"


@pytest.mark.parametrize("phase", ["Pending", "Succeeded", "Failed"])
def test_pods_that_do_not_run_draw_nothing(phase):
    assert view_pod(pod("p", phase=phase)) is None


def test_the_container_that_holds_gpus_is_found():
    limits = ResourceRequirements(limits={"nvidia.com/gpu": "4"}, requests={"climatik.io/watts": "2k"})
    containers = [Container(name="proxy"), Container(name="server", resources=limits)]
    view = view_pod(
        Pod(spec=PodSpec(node_name="n", containers=containers), status=PodStatus(phase="Running"))
    )
    assert (view.gpu_container, view.gpus, view.reserved_watts) == ("server", 4, 2000)


def test_a_node_is_vouched_for_by_an_agent_of_a_known_protocol():
    assert view_node(node("n1"), frequencies("n1")).vouched
    assert not view_node(node("n1"), frequencies("n1", version=99)).vouched
    assert not view_node(node("n1"), None).vouched
