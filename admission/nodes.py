"""What the cluster's nodes offer: watts as a resource, and which GPUs; asked per pod, so answers are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from admission.placement import bound_node, fulfils_one, node_selector, pinned_node, required_terms
from admission.pods import Pod
from common.api.core import Node
from common.api.names import WATTS_RESOURCE
from common.api.quantity import whole_number

PRODUCT_LABEL: Final = "nvidia.com/gpu.product"
_KEPT_ANSWERS: Final = 1024


@dataclass(frozen=True)
class NodeOffer:
    """What the nodes that a pod may go to have to offer.

    Attributes:
        largest_watts: The most ``climatik.io/watts`` that one of them has; 0 where none offers watts.
        gpu_products: The GPU products among them.
    """

    largest_watts: int = 0
    gpu_products: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _NodeFacts:
    watts: int
    product: str
    labels: Mapping[str, str]


class NodeIndex:
    """Follows the nodes and answers what those with given labels offer.

    Nodes change several times a minute, what matters here hardly ever: answers are kept until it does.
    """

    def __init__(self) -> None:
        self._nodes: dict[str, _NodeFacts] = {}
        self._answers: dict[frozenset[tuple[str, str]], NodeOffer] = {}
        self._left: dict[bytes, bool] = {}

    def change(self, old: Node | None, new: Node | None) -> None:
        """Takes in a change as informers report it."""
        if new is None:
            changed = old is not None and self._nodes.pop(old.name, None) is not None
        else:
            facts = _facts(new)
            changed = self._nodes.get(new.name) != facts
            self._nodes[new.name] = facts
        if changed:
            self._answers.clear()
            self._left.clear()

    def offer(self, selector: Mapping[str, str]) -> NodeOffer:
        """Returns what the nodes with all these labels offer."""
        key = frozenset((str(name), str(value)) for name, value in selector.items())
        answer = self._answers.get(key)
        if answer is None:
            if len(self._answers) >= _KEPT_ANSWERS:
                self._answers.clear()
            answer = self._answers[key] = self._ask(key)
        return answer

    def offer_to(self, pod: Pod) -> NodeOffer:
        """Returns what the nodes that a pod may go to offer.

        A pod that names its node itself is offered no watts: no scheduler would weigh them, and a kubelet
        that lacks them fails the pod for good.
        """
        bound = bound_node(pod)
        if bound:
            return NodeOffer(0, self._offer_of(bound).gpu_products)
        pinned = pinned_node(pod)
        return self._offer_of(pinned) if pinned else self.offer(node_selector(pod))

    def left(self, pod: Pod, expressions: Sequence[Mapping[str, Any]]) -> bool:
        """Whether a node is left to a pod among those that fulfil the expressions, too."""
        selector, terms = node_selector(pod), required_terms(pod)
        key = msgspec.json.encode((selector, terms, expressions))
        answer = self._left.get(key)
        if answer is None:
            if len(self._left) >= _KEPT_ANSWERS:
                self._left.clear()
            answer = self._left[key] = self._is_left(selector, terms, [{"matchExpressions": expressions}])
        return answer

    def _is_left(
        self,
        selector: Mapping[str, str],
        terms: Sequence[Mapping[str, Any]],
        ours: Sequence[Mapping[str, Any]],
    ) -> bool:
        return any(
            selector.items() <= facts.labels.items()
            and fulfils_one(ours, name, facts.labels)
            and (not terms or fulfils_one(terms, name, facts.labels))
            for name, facts in self._nodes.items()
        )

    def _offer_of(self, name: str) -> NodeOffer:
        facts = self._nodes.get(name)
        if facts is None:
            return NodeOffer()
        return NodeOffer(facts.watts, frozenset({facts.product} - {""}))

    def _ask(self, selector: frozenset[tuple[str, str]]) -> NodeOffer:
        fitting = [facts for facts in self._nodes.values() if selector <= facts.labels.items()]
        return NodeOffer(
            largest_watts=max((facts.watts for facts in fitting), default=0),
            gpu_products=frozenset(facts.product for facts in fitting if facts.product),
        )


def _facts(node: Node) -> _NodeFacts:
    labels = node.metadata.labels
    watts = whole_number(node.status.allocatable.get(WATTS_RESOURCE, "0")) or 0
    return _NodeFacts(watts, labels.get(PRODUCT_LABEL, ""), labels)
