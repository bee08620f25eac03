"""What the API server says of the pods of this node: priority, uid, and other agents' annotations."""

from __future__ import annotations

from collections.abc import Callable

from common.api.meta import KubeObject, Struct
from common.api.resource import Resource
from common.kube.client import Client
from common.kube.informer import Informer
from nodeagent.pods.sharing import OTHER_AGENT_ANNOTATIONS
from nodeagent.pods.tenancy import PodFacts

_ENDED = frozenset({"Succeeded", "Failed"})


class LocalPodSpec(Struct, frozen=True):
    """The part of a pod's spec that weighs."""

    priority: int = 0


class LocalPodStatus(Struct, frozen=True):
    """Whether a pod has ended."""

    phase: str = ""


class LocalPod(KubeObject, frozen=True):
    """A pod of this node; what it runs is never decoded."""

    spec: LocalPodSpec = LocalPodSpec()
    status: LocalPodStatus = LocalPodStatus()


LOCAL_PODS = Resource(kind="Pod", plural="pods", type=LocalPod, namespaced=True)


class LocalPods:
    """Follows the pods that are bound to one node.

    Args:
        client: The cluster.
        node_name: The node.
        on_change: Called after every change that matters.
    """

    def __init__(self, client: Client, node_name: str, on_change: Callable[[], None]) -> None:
        self._facts: dict[str, PodFacts] = {}
        self._on_change = on_change
        self._client = client
        self._selector = f"spec.nodeName={node_name}"

    async def run(self) -> None:
        """Follows them until cancelled; without the right to, nothing is known of them."""
        informer = Informer(self._client, LOCAL_PODS, field_selector=self._selector)
        informer.on_change(self.pod_changed)
        await informer.run()

    def facts(self, key: str) -> PodFacts | None:
        """Returns what is known of the pod ``namespace/name``."""
        return self._facts.get(key)

    def pod_changed(self, old: LocalPod | None, new: LocalPod | None) -> None:
        """Takes in a change of a pod."""
        if new is None:
            changed = old is not None and self._facts.pop(old.key, None) is not None
        else:
            facts = facts_of(new)
            changed = self._facts.get(new.key) != facts
            self._facts[new.key] = facts
        if changed:
            self._on_change()


def facts_of(pod: LocalPod) -> PodFacts:
    """Returns what matters of a pod."""
    annotations = pod.metadata.annotations
    other = next((name for name in OTHER_AGENT_ANNOTATIONS if annotations.get(name)), "")
    return PodFacts(pod.metadata.uid, pod.spec.priority, other, pod.status.phase in _ENDED)
