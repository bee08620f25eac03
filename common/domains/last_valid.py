"""The last valid shape of the tree, kept through an invalid edit (contract §4, rule 9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from common.api.domain import PowerDomain
from common.api.selector import LabelSelector
from common.domains.tree import STRUCTURAL, DomainTree, Problem, build_tree

Place = tuple[str, LabelSelector | None]
"""Parent and node selector of a domain."""


class TreeKeeper:
    """Builds trees, and lends a domain its last valid parent and selector while its present ones are broken.

    Caps are always the present ones: a cut binds although the shape is being mended.
    """

    def __init__(self) -> None:
        self._valid: dict[str, Place] = {}

    def build(
        self, domains: Iterable[PowerDomain], node_labels: Mapping[str, Mapping[str, str]]
    ) -> DomainTree:
        """Builds the tree; ``problems`` are those of the present edit, also where the old shape is used."""
        present = list(domains)
        tree = build_tree(present, node_labels)
        broken = {name for name, found in tree.problems.items() if _is_structural(found)}
        self._remember(present, broken)
        if not any(name in self._valid for name in broken):
            return tree
        lent = build_tree([self._lend(d) if d.name in broken else d for d in present], node_labels)
        return replace(lent, problems=tree.problems)

    def _remember(self, present: list[PowerDomain], broken: set[str]) -> None:
        names = {domain.name for domain in present}
        self._valid = {name: shape for name, shape in self._valid.items() if name in names}
        for domain in present:
            if domain.name not in broken:
                self._valid[domain.name] = (domain.spec.parent, domain.spec.node_selector)

    def _lend(self, domain: PowerDomain) -> PowerDomain:
        if domain.name not in self._valid:
            return domain
        parent, selector = self._valid[domain.name]
        spec = msgspec.structs.replace(domain.spec, parent=parent, node_selector=selector)
        return msgspec.structs.replace(domain, spec=spec)


def _is_structural(problems: list[Problem]) -> bool:
    return any(problem.reason in STRUCTURAL for problem in problems)
