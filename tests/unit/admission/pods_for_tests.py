"""Pods, policies and nodes that the tests of the webhook share."""

from typing import Any

from hypothesis import strategies as st

from admission.avoid import NOWHERE, Room
from admission.nodes import NodeOffer
from admission.racks import Rack
from common.api.core import Node, NodeStatus
from common.api.meta import ObjectMeta
from common.api.policy import (
    ContainerRecommendation,
    PolicySpec,
    PolicyStatus,
    PowerCappingPolicy,
    Recommendation,
    UpdatePolicy,
)
from common.api.selector import LabelSelector, Requirement

WATTS = "climatik.io/watts"
OFFERED = NodeOffer(largest_watts=1_000_000, gpu_products=frozenset({"NVIDIA-H100-80GB-HBM3"}))
NOT_OFFERED = NodeOffer()


def policy(
    name: str = "llm",
    mode: str = "Auto",
    namespace: str = "ns",
    labels: dict[str, str] | None = None,
    priority: int = 0,
    placement: str = "Preferred",
    **metadata: Any,
) -> PowerCappingPolicy:
    return PowerCappingPolicy(
        metadata=ObjectMeta(name=name, namespace=namespace, **metadata),
        spec=PolicySpec(
            selector=LabelSelector(match_labels=labels or {}),
            update_policy=UpdatePolicy(update_mode=mode, placement=placement),
            priority=priority,
        ),
    )


def learned_policy(*entries: ContainerRecommendation) -> PowerCappingPolicy:
    base = policy()
    return PowerCappingPolicy(
        metadata=base.metadata,
        spec=base.spec,
        status=PolicyStatus(recommendation=Recommendation(containers=list(entries))),
    )


def node(name: str, labels: dict[str, str] | None = None, watts: str = "") -> Node:
    allocatable = {WATTS: watts} if watts else {}
    return Node(
        metadata=ObjectMeta(name=name, labels=labels or {}), status=NodeStatus(allocatable=allocatable)
    )


def container(name: str = "server", gpus: int = 0, cpu: str = "", **more: Any) -> dict[str, Any]:
    limits = {"nvidia.com/gpu": str(gpus)} if gpus else {}
    requests = limits | ({"cpu": cpu} if cpu else {})
    resources = {"limits": limits, "requests": requests} if requests else {}
    return {"name": name, "image": "x", "resources": resources, **more}


def pod(*containers: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "creationTimestamp": None, **metadata},
        "spec": {"containers": list(containers) or [container(gpus=1)]},
    }


def rack(name: str, headroom_watts: int | None = None, key: str = "rack", **more: Any) -> Rack:
    return Rack(name, Requirement(key=key, operator="NotIn", values=[name]), headroom_watts, **more)


_QUANTITIES = st.sampled_from(["0", "1", "250m", "2", "1.5", "8", "1e1", "nonsense"])
_RESOURCES = st.dictionaries(
    st.sampled_from(["cpu", "memory", "nvidia.com/gpu", "nvidia.com/mig-2g.10gb", WATTS]),
    _QUANTITIES,
    max_size=4,
)
_CONTAINERS = st.fixed_dictionaries(
    {"name": st.sampled_from(["server", "sidecar", 'odd"name', "a/b~c"])},
    optional={
        "resources": st.none()
        | st.fixed_dictionaries({}, optional={"limits": st.none() | _RESOURCES, "requests": _RESOURCES}),
        "restartPolicy": st.just("Always"),
    },
)
_TEXTS = st.dictionaries(
    st.sampled_from(
        ["app", "climatik.io/policy", "climatik.io/reserved-watts", "climatik.io/explanation", "x/y~z"]
    ),
    st.sampled_from(["", "1", "llm", "Reserved 5 W"]),
    max_size=4,
)
_REQUIREMENTS = st.fixed_dictionaries(
    {
        "key": st.sampled_from(["rack", "zone", "gpu", "kubernetes.io/os"]),
        "operator": st.sampled_from(["In", "NotIn"]),
    },
    optional={"values": st.lists(st.sampled_from(["a", "b", "windows"]), min_size=1, max_size=2)},
)
_TERMS = st.fixed_dictionaries(
    {},
    optional={
        "matchExpressions": st.none() | st.lists(_REQUIREMENTS, max_size=2),
        "matchFields": st.just([{"key": "metadata.name", "operator": "In", "values": ["node-1"]}]),
    },
)
_WISHES = st.fixed_dictionaries({"weight": st.integers(1, 100), "preference": _TERMS})
_AFFINITIES = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "podAntiAffinity": st.just({}),
        "nodeAffinity": st.none()
        | st.fixed_dictionaries(
            {},
            optional={
                "requiredDuringSchedulingIgnoredDuringExecution": st.none()
                | st.fixed_dictionaries({"nodeSelectorTerms": st.lists(_TERMS, min_size=1, max_size=3)}),
                "preferredDuringSchedulingIgnoredDuringExecution": st.none() | st.lists(_WISHES, max_size=3),
            },
        ),
    },
)
_OWNERS = st.sampled_from(
    [
        {"kind": "ReplicaSet", "name": "p-5d4f", "controller": True, "uid": "1"},
        {"kind": "Job", "name": "p-28934512", "controller": True, "uid": "2"},
        {"kind": "StatefulSet", "name": "p", "controller": True, "uid": "3"},
        {"kind": "DaemonSet", "name": "p", "controller": True, "uid": "4"},
    ]
)
PODS = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "annotations": st.none() | _TEXTS,
                "labels": _TEXTS,
                "generateName": st.just("p-"),
                "ownerReferences": st.lists(_OWNERS, max_size=1),
            },
        ),
        "spec": st.fixed_dictionaries(
            {"containers": st.lists(_CONTAINERS, max_size=4)},
            optional={
                "initContainers": st.none() | st.lists(_CONTAINERS, max_size=2),
                "nodeSelector": st.none() | _TEXTS | st.just({"rack": "a"}),
                "nodeName": st.sampled_from(["", "node-1"]),
                "os": st.just({"name": "windows"}),
                "affinity": _AFFINITIES,
                "volumes": st.just([{"name": f"v{number}", "emptyDir": {}} for number in range(200)]),
            },
        ),
    }
)
RACKS = st.lists(
    st.builds(
        Rack,
        name=st.sampled_from("abcdef"),
        elsewhere=st.builds(
            Requirement,
            key=st.sampled_from(["rack", "zone", "row"]),
            operator=st.sampled_from(["In", "NotIn"]),
            values=st.lists(st.sampled_from("abc"), min_size=1, max_size=2),
        )
        | st.builds(Requirement, key=st.just("bare"), operator=st.sampled_from(["Exists", "DoesNotExist"])),
        headroom_watts=st.none() | st.sampled_from([-100, 0, 100, 10_000]),
        inlet=st.none() | st.integers(20, 40),
        inlet_limit=st.none() | st.just(27),
        held=st.booleans(),
    ),
    max_size=6,
)
ROOMS = st.just(NOWHERE) | st.builds(
    Room, racks=RACKS, left=st.sampled_from([lambda pod, expressions: True, lambda pod, expressions: False])
)
OFFERS = st.builds(
    NodeOffer,
    largest_watts=st.sampled_from([0, 1, 400, 5_600, 100_000]),
    gpu_products=st.frozensets(st.sampled_from(["NVIDIA-H100-80GB-HBM3", "Tesla-T4", "unheard-of"])),
)
