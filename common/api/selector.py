"""Label selectors: matching in process what the API server matches in lists."""

from __future__ import annotations

from collections.abc import Mapping

from common.api.meta import Struct


class Requirement(Struct, frozen=True):
    """One expression of a selector: ``key``, ``operator`` (In, NotIn, Exists, DoesNotExist), ``values``."""

    key: str
    operator: str
    values: list[str] = []

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels satisfy the expression; an unknown operator matches nothing."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case "DoesNotExist":
                return self.key not in labels
            case _:
                return False


class LabelSelector(Struct, frozen=True):
    """A label selector; an empty one matches everything, as in Kubernetes."""

    match_labels: dict[str, str] = {}
    match_expressions: list[Requirement] = []

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels satisfy every part of the selector."""
        return all(labels.get(key) == value for key, value in self.match_labels.items()) and all(
            expression.matches(labels) for expression in self.match_expressions
        )
