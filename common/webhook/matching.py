"""Which policy governs a new pod; the cost does not grow with policies that have nothing to do with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from common.api.names import ANNOTATION_PAUSE
from common.api.policy import MODE_AUTO, MODE_INITIAL, PowerCappingPolicy

_Pair = tuple[str, str] | None
"""A label that a pod must have to be selected, or None where a selector demands no single label."""


class PolicyIndex:
    """Policies that act on admission, by namespace, and there by one label that their selector demands.

    Policies that are ``Off``, paused or being deleted are left out: they cost nothing and touch nothing.
    """

    def __init__(self) -> None:
        self._namespaces: dict[str, dict[_Pair, dict[str, PowerCappingPolicy]]] = {}

    def change(self, old: PowerCappingPolicy | None, new: PowerCappingPolicy | None) -> None:
        """Takes in a change as informers report it."""
        if old is not None:
            self._remove(old)
        if new is not None and acts_on_admission(new):
            pairs = self._namespaces.setdefault(new.namespace, {})
            pairs.setdefault(_pair(new), {})[new.name] = new

    def match(self, namespace: str, labels: Mapping[str, str]) -> PowerCappingPolicy | None:
        """Returns the policy that governs a pod: by highest priority, then age, then name."""
        fitting = (
            policy for policy in self._candidates(namespace, labels) if policy.spec.selector.matches(labels)
        )
        return min(fitting, key=precedence, default=None)

    def _candidates(self, namespace: str, labels: Mapping[str, str]) -> Iterator[PowerCappingPolicy]:
        pairs = self._namespaces.get(namespace)
        if not pairs:
            return
        wanted: Iterable[_Pair] = [None, *labels.items()]
        for pair in wanted:
            yield from pairs.get(pair, {}).values()

    def _remove(self, policy: PowerCappingPolicy) -> None:
        pairs = self._namespaces.get(policy.namespace, {})
        named = pairs.get(_pair(policy), {})
        named.pop(policy.name, None)
        if not named:
            pairs.pop(_pair(policy), None)
        if not pairs:
            self._namespaces.pop(policy.namespace, None)


def acts_on_admission(policy: PowerCappingPolicy) -> bool:
    """Whether a policy may change new pods at all."""
    meta = policy.metadata
    active = policy.spec.update_policy.update_mode in (MODE_INITIAL, MODE_AUTO)
    return active and not meta.deletion_timestamp and meta.annotations.get(ANNOTATION_PAUSE) != "true"


def _pair(policy: PowerCappingPolicy) -> _Pair:
    return min(policy.spec.selector.match_labels.items(), default=None)


def precedence(policy: PowerCappingPolicy) -> tuple[int, str, str]:
    """Returns by what policies over one pod are ordered; the least governs it."""
    return -policy.spec.priority, policy.metadata.creation_timestamp, policy.name
