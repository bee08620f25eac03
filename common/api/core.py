"""Slim views of built-in kinds: only the fields that climatik reads are decoded."""

from __future__ import annotations

import msgspec

from common.api.meta import Condition, KubeObject, ObjectMeta, Struct
from common.api.resource import Resource


class ResourceRequirements(Struct, frozen=True):
    """Requests and limits of a container; quantities stay text, as on the wire."""

    requests: dict[str, str] = {}
    limits: dict[str, str] = {}


class Container(Struct, frozen=True):
    """A container's name, image, command line and resources."""

    name: str = ""
    image: str = ""
    args: list[str] = []
    command: list[str] = []
    resources: ResourceRequirements = ResourceRequirements()
    restart_policy: str = ""


class PodSpec(Struct, frozen=True):
    """The part of a pod's spec that placement and power depend on."""

    node_name: str = ""
    priority: int = 0
    containers: list[Container] | None = None
    init_containers: list[Container] = []


class TemplateMeta(Struct, frozen=True):
    """Metadata of a pod template. It is no object yet: older API servers give it a null creation time."""

    labels: dict[str, str] = {}


class PodTemplate(Struct, frozen=True):
    """What the pods of a workload are made from."""

    metadata: TemplateMeta = TemplateMeta()
    spec: PodSpec = PodSpec()


class PodCondition(Struct, frozen=True):
    """A condition of a pod; its times and messages are not read."""

    type: str = ""
    status: str = ""
    reason: str = ""


class PodStatus(Struct, frozen=True):
    """Phase, start and conditions of a pod."""

    phase: str = ""
    start_time: str = ""
    conditions: list[PodCondition] = []


class Pod(KubeObject, frozen=True):
    """A pod."""

    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


class Taint(Struct, frozen=True):
    """A taint of a node."""

    key: str = ""
    value: str = ""
    effect: str = ""


class NodeSpec(Struct, frozen=True):
    """Taints and schedulability of a node."""

    unschedulable: bool = False
    taints: list[Taint] = []


class NodeInfo(Struct, frozen=True):
    """Identity of the boot: a changed one means that device limits are gone."""

    boot_id: str = msgspec.field(default="", name="bootID")


class NodeAddress(Struct, frozen=True):
    """An address of a node, and of which type it is (``InternalIP``, ``Hostname``, …)."""

    type: str = ""
    address: str = ""


class NodeStatus(Struct, frozen=True):
    """Capacity, allocatable, addresses and identity of a node."""

    capacity: dict[str, str] = {}
    allocatable: dict[str, str] = {}
    addresses: list[NodeAddress] = []
    node_info: NodeInfo = NodeInfo()


class Node(KubeObject, frozen=True):
    """A node."""

    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()


class Namespace(KubeObject, frozen=True):
    """A namespace (labels and annotations only)."""


class Secret(KubeObject, frozen=True):
    """A Secret; values stay base64 text."""

    type: str = ""
    data: dict[str, str] = {}


class LeaseSpec(Struct, frozen=True):
    """Who holds a Lease, since when and for how long."""

    holder_identity: str | None = None
    lease_duration_seconds: int | None = None
    acquire_time: str | None = None
    renew_time: str | None = None
    lease_transitions: int | None = None


class Lease(KubeObject, frozen=True):
    """A coordination Lease."""

    spec: LeaseSpec = LeaseSpec()


class ObjectReference(Struct, frozen=True):
    """An object by name, as Events refer to what they are about."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    uid: str = ""
    field_path: str = ""
    """The piece of the object that is meant, where it is not the whole."""


class Event(KubeObject, frozen=True):
    """A core/v1 Event, as ``kubectl describe`` shows it."""

    involved_object: ObjectReference = ObjectReference()
    reason: str = ""
    message: str = ""
    type: str = ""
    count: int = 0
    last_timestamp: str | None = None
    reporting_component: str = ""


class PartialObject(KubeObject, frozen=True):
    """Metadata alone, for objects whose body we never read."""


PODS = Resource(kind="Pod", plural="pods", type=Pod, namespaced=True)
NODES = Resource(kind="Node", plural="nodes", type=Node)
NAMESPACES = Resource(kind="Namespace", plural="namespaces", type=Namespace)
SECRETS = Resource(kind="Secret", plural="secrets", type=Secret, namespaced=True)
EVENTS = Resource(kind="Event", plural="events", type=Event, namespaced=True)
LEASES = Resource(kind="Lease", plural="leases", type=Lease, group="coordination.k8s.io", namespaced=True)

__all__ = [
    "EVENTS", "LEASES", "NAMESPACES", "NODES", "PODS", "SECRETS",
    "Condition", "Container", "Event", "Lease", "LeaseSpec", "Namespace", "Node",
    "NodeAddress", "NodeInfo", "NodeSpec", "NodeStatus", "ObjectMeta", "ObjectReference", "PartialObject",
    "Pod", "PodCondition", "PodSpec", "PodStatus", "PodTemplate", "ResourceRequirements", "Secret", "Taint",
    "TemplateMeta",
]  # fmt: skip
