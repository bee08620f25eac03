"""Policies that surely govern the same pods. Pure.

Whether two selectors meet in a pod that does not exist yet cannot be known: ``{app: a}`` and ``{tier: b}``
may or may not. So only what is sure is said: one selector takes all that the other one takes, or both name
the same scale target.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from common.api.policy import PowerCappingPolicy
from common.api.selector import LabelSelector, Requirement
from common.webhook.matching import precedence

_NAMED = 3


def fights(policy: PowerCappingPolicy, others: Iterable[PowerCappingPolicy]) -> Iterator[str]:
    """Yields a sentence for policies of the namespace that govern what this one governs.

    Args:
        policy: The new object.
        others: The other policies of its namespace.
    """
    rivals = [each for each in others if each.name != policy.name and not each.metadata.deletion_timestamp]
    for rival in sorted((each for each in rivals if _meet(policy, each)), key=lambda each: each.name)[
        :_NAMED
    ]:
        winner = min(policy, rival, key=precedence)
        yield (
            f"spec.selector: policy {rival.name} (priority {rival.spec.priority}) governs the same pods: both"
            f" caps bind, and at admission {winner.name} comes first. Narrow one selector, or"
            " set spec.priority"
        )
    for rival in rivals:
        shared = [ref for ref in policy.spec.scale_target_refs if ref in rival.spec.scale_target_refs]
        for ref in shared[:_NAMED]:
            yield (
                f"spec.scaleTargetRefs: {ref.kind} {ref.name} is a target of policy {rival.name}, too:"
                " one alone sets its replicas"
            )


def _meet(first: PowerCappingPolicy, second: PowerCappingPolicy) -> bool:
    mine, other = first.spec.selector, second.spec.selector
    return _contains(mine, other) or _contains(other, mine)


def _contains(wide: LabelSelector, narrow: LabelSelector) -> bool:
    """Whether all that ``narrow`` demands includes what ``wide`` demands."""
    labels = narrow.match_labels
    if any(labels.get(key) != value for key, value in wide.match_labels.items()):
        return False
    return all(_implied(each, narrow) for each in wide.match_expressions)


def _implied(wanted: Requirement, narrow: LabelSelector) -> bool:
    if wanted in narrow.match_expressions:
        return True
    value = narrow.match_labels.get(wanted.key)
    return value is not None and wanted.matches({wanted.key: value})
