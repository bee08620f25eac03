"""The reader of the wire format against the official library's own messages, and against any bytes."""

import contextlib

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from hypothesis import given
from hypothesis import strategies as st

from nodeagent.pods.messages import Allocation, Offer, read_allocatable, read_list
from nodeagent.pods.protobuf import MalformedMessageError

FIELDS = {
    "NumaNode": [("ID", 1, "int64")],
    "Topology": [("nodes", 1, "*NumaNode")],
    "ContainerDevices": [
        ("resource_name", 1, "string"), ("device_ids", 2, "*string"), ("topology", 3, "Topology"),
    ],
    "CDIDevice": [("name", 1, "string")],
    "ClaimResource": [
        ("cdi_devices", 1, "*CDIDevice"), ("driver_name", 2, "string"), ("pool_name", 3, "string"),
        ("device_name", 4, "string"), ("share_id", 5, "string"),
    ],
    "DynamicResource": [
        ("claim_name", 2, "string"), ("claim_namespace", 3, "string"),
        ("claim_resources", 4, "*ClaimResource"),
    ],
    "ContainerResources": [
        ("name", 1, "string"), ("devices", 2, "*ContainerDevices"), ("cpu_ids", 3, "*int64"),
        ("dynamic_resources", 5, "*DynamicResource"),
    ],
    "PodResources": [
        ("name", 1, "string"), ("namespace", 2, "string"), ("containers", 3, "*ContainerResources"),
    ],
    "ListPodResourcesResponse": [("pod_resources", 1, "*PodResources")],
    "AllocatableResourcesResponse": [("devices", 1, "*ContainerDevices"), ("cpu_ids", 2, "*int64")],
}  # fmt: skip


def messages():
    """Message classes of the public API's fields, made by the protobuf library."""
    file = descriptor_pb2.FileDescriptorProto(name="podresources.proto", package="v1", syntax="proto3")
    for name, fields in FIELDS.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            one = message.field.add(name=field, number=number, label=3 if kind.startswith("*") else 1)
            single = kind.removeprefix("*")
            one.type = {"string": 9, "int64": 3}.get(single, 11)
            if one.type == 11:
                one.type_name = f".v1.{single}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"v1.{name}")) for name in FIELDS
    }


CLASSES = messages()
NAMES = st.text(max_size=20)
DEVICES = st.tuples(
    NAMES, st.lists(NAMES, max_size=4), st.lists(st.integers(-(2**63), 2**63 - 1), max_size=2)
)
PODS = st.lists(
    st.tuples(NAMES, NAMES, st.lists(st.tuples(NAMES, st.lists(DEVICES, max_size=3)), max_size=2)), max_size=3
)


def filled(devices, resource, ids, nodes):
    devices.resource_name = resource
    devices.device_ids.extend(ids)
    for node in nodes:
        devices.topology.nodes.add(ID=node)


@given(PODS)
def test_what_the_official_library_writes_is_read(pods):
    answer = CLASSES["ListPodResourcesResponse"]()
    expected = []
    for name, namespace, containers in pods:
        pod = answer.pod_resources.add(name=name, namespace=namespace)
        for container_name, held in containers:
            container = pod.containers.add(name=container_name, cpu_ids=[1, 2**40])
            for resource, ids, nodes in held:
                filled(container.devices.add(), resource, ids, nodes)
                expected.append((namespace, name, container_name, resource, tuple(ids)))
    found = read_list(answer.SerializeToString())
    assert [(a.namespace, a.pod, a.container, a.resource, a.device_ids) for a in found] == expected


CLAIM_UID = "0f9d2c1e-0000-4111-8222-0123456789ab"
CLAIMS = {
    "driver and device": (("gpu.nvidia.com", "gpu-3", ()), ("gpu.nvidia.com", "gpu-3")),
    "both, and the runtime's names beside them": (
        ("gpu.nvidia.com", "gpu-3", ("k8s.gpu.nvidia.com/device=gpu-3",)),
        ("gpu.nvidia.com", "gpu-3"),
    ),
    "the runtime's name alone": (
        ("", "", ("k8s.gpu.nvidia.com/device=gpu-1-mig-1g10gb-19-4",)),
        ("gpu.nvidia.com", "gpu-1-mig-1g10gb-19-4"),
    ),
    "two names of the runtime for one device": (
        ("", "", ("k8s.gpu.nvidia.com/device=gpu-2", f"k8s.gpu.nvidia.com/claim={CLAIM_UID}-gpu-2")),
        ("gpu.nvidia.com", "gpu-2"),
    ),
    "a name that says nothing": (("", "", ("vendor.com/net=eth1",)), None),
}


@pytest.mark.parametrize(("resource", "expected"), CLAIMS.values(), ids=CLAIMS)
def test_devices_of_a_resource_claim_are_read(resource, expected):
    driver, device, names = resource
    answer = CLASSES["ListPodResourcesResponse"]()
    container = answer.pod_resources.add(name="chat-0", namespace="llm").containers.add(name="server")
    claim = container.dynamic_resources.add(claim_name="gpus", claim_namespace="llm")
    one = claim.claim_resources.add(driver_name=driver, pool_name="node-1", device_name=device, share_id="s")
    for name in names:
        one.cdi_devices.add(name=name)
    found = [(a.pod, a.container, a.resource, *a.device_ids) for a in read_list(answer.SerializeToString())]
    assert found == ([("chat-0", "server", *expected)] if expected else [])


@given(st.lists(DEVICES, max_size=4))
def test_what_can_be_held_is_read(offers):
    answer = CLASSES["AllocatableResourcesResponse"](cpu_ids=[0, 1])
    for resource, ids, nodes in offers:
        filled(answer.devices.add(), resource, ids, nodes)
    found = read_allocatable(answer.SerializeToString())
    assert [(o.resource, o.device_ids) for o in found] == [(r, tuple(i)) for r, i, _ in offers]


def test_a_message_that_was_cut_off_anywhere_is_refused():
    answer = CLASSES["ListPodResourcesResponse"]()
    container = answer.pod_resources.add(name="chat-0", namespace="llm").containers.add(name="server")
    filled(container.devices.add(), "nvidia.com/gpu", ["GPU-0"], [1])
    whole = answer.SerializeToString()
    assert len(read_list(whole)) == 1
    for length in range(1, len(whole)):
        with pytest.raises(MalformedMessageError):
            read_list(whole[:length])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(garbage):
    for read, kind in ((read_list, Allocation), (read_allocatable, Offer)):
        found = []
        with contextlib.suppress(MalformedMessageError):
            found = read(garbage)
        assert all(isinstance(one, kind) for one in found)
