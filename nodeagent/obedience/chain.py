"""The domains above a node, kept through moves and invalid edits of the tree (rule 9)."""

from __future__ import annotations

from collections.abc import Mapping

from common.api.domain import PowerDomain
from common.domains.budget import parent_chain


class ChainKeeper:
    """Finds the domains that bind a grant.

    A node that was moved counts in its old domains too until a newer grant was accepted. An edit that breaks
    the way up leaves the last valid one in force, as long as all of its domains exist.
    """

    def __init__(self) -> None:
        self._grant: tuple[str, int] | None = None
        self._names: tuple[str, ...] = ()

    def domains(self, leaf: str, sequence: int, known: Mapping[str, PowerDomain]) -> list[PowerDomain] | None:
        """Returns the domains that bind a grant, leaf first; None where nobody can say.

        Args:
            leaf: The domain that the grant names.
            sequence: The grant's sequence.
            known: All PowerDomains by name.
        """
        chain = parent_chain(leaf, known.get)
        if not chain:
            return self._last_valid(leaf, known)
        names = tuple(domain.name for domain in chain)
        if self._grant == (leaf, sequence):
            names += tuple(name for name in self._names if name not in names)
        self._grant, self._names = (leaf, sequence), names
        return [known[name] for name in names if name in known]

    def _last_valid(self, leaf: str, known: Mapping[str, PowerDomain]) -> list[PowerDomain] | None:
        if not self._names or self._names[0] != leaf or not all(name in known for name in self._names):
            return None
        return [known[name] for name in self._names]
