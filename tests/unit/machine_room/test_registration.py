"""Node objects, and the status that a kubelet keeps right."""

from __future__ import annotations

import msgspec

from common.api.core import Node, NodeInfo, NodeStatus
from common.twin.node import NodeModel, SimulatedNode
from deploy.local.machine_room.registration import node_object, own_capacity, status_patch

NODE = SimulatedNode("gpu-node-1", NodeModel(gpu_count=4))


def live(capacity: dict[str, str], allocatable: dict[str, str], boot_id: str = NODE.boot_id) -> Node:
    return Node(
        status=NodeStatus(capacity=capacity, allocatable=allocatable, node_info=NodeInfo(boot_id=boot_id))
    )


def test_a_node_carries_rack_host_and_gpu_labels_and_kwoks_mark() -> None:
    metadata = node_object(NODE, "rack-2")["metadata"]
    assert metadata["labels"]["climatik.io/rack"] == "rack-2"
    assert metadata["labels"]["kubernetes.io/hostname"] == "gpu-node-1"
    assert metadata["labels"]["nvidia.com/gpu.product"] == "NVIDIA-H100-80GB-HBM3"
    assert metadata["annotations"] == {"kwok.x-k8s.io/node": "fake"}


def test_a_new_node_gets_everything() -> None:
    patch = status_patch(Node(), NODE)
    assert patch is not None
    assert patch["status"]["capacity"]["nvidia.com/gpu"] == "4"
    assert patch["status"]["allocatable"] == patch["status"]["capacity"] == own_capacity(NODE)
    assert patch["status"]["nodeInfo"]["bootID"] == NODE.boot_id


def test_a_right_status_is_left_alone() -> None:
    assert status_patch(live(own_capacity(NODE), own_capacity(NODE)), NODE) is None


def test_allocatable_follows_watts_that_somebody_offered() -> None:
    capacity = {**own_capacity(NODE), "climatik.io/watts": "3k"}
    assert status_patch(live(capacity, own_capacity(NODE)), NODE) == {"status": {"allocatable": capacity}}


def test_allocatable_loses_what_capacity_lost() -> None:
    allocatable = {**own_capacity(NODE), "climatik.io/watts": "3k"}
    patch = status_patch(live(own_capacity(NODE), allocatable), NODE)
    assert patch == {"status": {"allocatable": {"climatik.io/watts": None, **own_capacity(NODE)}}}


def test_a_reboot_shows_in_the_boot_id_alone() -> None:
    patch = status_patch(live(own_capacity(NODE), own_capacity(NODE), boot_id="before"), NODE)
    assert patch is not None
    assert list(patch["status"]) == ["nodeInfo"]
    assert "" not in patch["status"]["nodeInfo"].values()


def test_patches_are_plain_json() -> None:
    assert msgspec.json.encode(status_patch(Node(), NODE))
